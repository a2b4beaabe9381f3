import type { Abortable } from '@ouro/signaling';
import type { SshChannel, SshConnection } from '@ouro/ssh-client';
import { CliError } from '../errors.ts';
import { MAX_STEP_OUTPUT_BYTES, STEP_TIMEOUT_MS } from './constants.ts';

/** How a step on the host ended. */
export interface StepResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const textOf = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size <= MAX_STEP_OUTPUT_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const feed = async (channel: SshChannel, input: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const chunk of input) await channel.write(chunk);
  await channel.eof();
};

/** How long a step may take. */
export interface StepOptions extends Abortable {
  /** `STEP_TIMEOUT_MS` unless told. */
  readonly timeoutMs?: number;
}

/** Runs a command on the host with this input. @throws SshError, CliError */
export async function step(
  connection: SshConnection,
  command: string,
  input: AsyncIterable<Uint8Array>,
  { signal, timeoutMs = STEP_TIMEOUT_MS }: StepOptions,
): Promise<StepResult> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const channel = await connection.exec(command, { signal: limit });
  const onAbort = () => {
    channel.end().catch(() => undefined);
  };
  limit.addEventListener('abort', onAbort, { once: true });
  try {
    // A command that ends early reads no more; how it ended says why.
    const feeding = feed(channel, input).catch(() => undefined);
    const [stdout, stderr] = await Promise.all([textOf(channel.readable), textOf(channel.stderr)]);
    const { code } = await channel.exited;
    await feeding;
    return { code, stdout, stderr };
  } finally {
    limit.removeEventListener('abort', onAbort);
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Runs a POSIX script, handed over as input, so that no login shell has to read it. @throws as `step`, CliError when it fails */
export async function script(connection: SshConnection, text: string, options: StepOptions): Promise<string> {
  const result = await step(connection, 'sh -s', once(text), options);
  if (result.code === 0) return result.stdout;
  const why = result.stderr.trim().split('\n').at(-1) ?? '';
  throw new CliError('install', `A step on the host ended with ${result.code ?? 'no exit status'}: ${why}`);
}
