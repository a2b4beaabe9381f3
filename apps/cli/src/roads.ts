import { readFile } from 'node:fs/promises';
import { type Abortable, type Signaler, SignalingError } from '@ouro/signaling';
import { CliError, systemCode } from './errors.ts';
import { leanExchange } from './http/lean-exchange.ts';
import type { Target, WhipTarget } from './target.ts';

/** What a road needs besides the target. */
export interface DialOptions extends Abortable {
  /** File with a bearer token for an HTTP endpoint. */
  readonly tokenFile?: string;
}

/**
 * Opens the conversation with a target by its road. The code of a road is loaded here and nowhere else.
 * @throws SignalingError, CliError `usage`
 */
export async function dial(target: Target, options: DialOptions): Promise<Signaler> {
  if (target.road === 'whip') return dialHttp(target, options);
  throw new SignalingError(
    'invalid-state',
    'A host reached by SSH is not dialled by itself: its login comes first',
  );
}

async function dialHttp({ url }: WhipTarget, { tokenFile, signal }: DialOptions): Promise<Signaler> {
  const [{ dialWhip }, token] = await Promise.all([
    import('@ouro/transport-whip/client'),
    tokenFile === undefined ? undefined : readToken(tokenFile),
  ]);
  return dialWhip({ url, exchange: leanExchange, ...(token === undefined ? {} : { token }) }, { signal });
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CliError(
      'usage',
      `The token file ${path} cannot be read (${systemCode(error) ?? 'unknown failure'}).`,
    );
  }
}
