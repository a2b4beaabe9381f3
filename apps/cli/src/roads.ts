import { readFile } from 'node:fs/promises';
import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { type Abortable, type Answer, type Offer, type Signaler, SignalingError } from '@ouro/signaling';
import { CliError, systemCode } from './errors.ts';
import { leanExchange } from './http/lean-exchange.ts';
import type { Target, WhipTarget } from './target.ts';

/** What a road needs besides the target. */
export interface DialOptions extends Abortable {
  /** File with a bearer token for an HTTP endpoint. */
  readonly tokenFile?: string;
  /** The one TLS certificate that an `https://` endpoint may show; undefined = what the system trusts. */
  readonly tlsPin: () => Promise<Fingerprint | undefined>;
}

/** One end of a conversation by any road; `restart` where the road can bring a new offer later. */
export interface RoadSignaler extends Signaler {
  restart?(offer: Offer, options: Abortable): Promise<Answer>;
  /** What the host has announced with its answer. */
  readonly iceServers?: readonly {
    readonly urls: string[];
    readonly username?: string;
    readonly credential?: string;
  }[];
}

/**
 * Opens the conversation with a target by its road. The code of a road is loaded here and nowhere else.
 * @throws SignalingError, CliError `usage`
 */
export async function dial(target: Target, options: DialOptions): Promise<RoadSignaler> {
  if (target.road === 'whip') return dialHttp(target, options);
  throw new SignalingError(
    'invalid-state',
    'A host reached by SSH is not dialled by itself: its login comes first',
  );
}

async function dialHttp(
  { url }: WhipTarget,
  { tokenFile, tlsPin, signal }: DialOptions,
): Promise<RoadSignaler> {
  const [{ dialWhip }, token, secure] = await Promise.all([
    import('@ouro/transport-whip/client'),
    tokenFile === undefined ? undefined : readToken(tokenFile),
    url.protocol === 'https:' ? secureFetch(tlsPin) : undefined,
  ]);
  const options = { url, exchange: leanExchange, ...(token === undefined ? {} : { token }) };
  return dialWhip({ ...options, ...(secure === undefined ? {} : { fetch: secure }) }, { signal });
}

async function secureFetch(tlsPin: DialOptions['tlsPin']): Promise<typeof fetch> {
  const [{ httpsFetch }, pin] = await Promise.all([import('./http/https-fetch.ts'), tlsPin()]);
  return httpsFetch(pin);
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
