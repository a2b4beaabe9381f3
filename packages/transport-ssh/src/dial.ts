import type { ByteDuplex } from '@ouro/base/node';
import {
  type Abortable,
  ERROR_EDGES,
  type RemoteIdentity,
  SignalingError,
  unlessAborted,
} from '@ouro/signaling';
import type { ExitStatus, SshChannel } from '@ouro/ssh-client';
import { printable } from '@ouro/ssh-client';
import { CLOSE_TIMEOUT_MS, MAX_STDERR_TAIL_BYTES } from './constants.ts';
import { ClientPipe, type ClientPipeOptions } from './pipe/client-pipe.ts';

/** How signaling is opened over a channel on which `accept` runs. */
export interface DialChannelOptions extends Abortable {
  /** What the transport proved of the far end; for SSH the login. */
  readonly remote: RemoteIdentity;
  /** Longest wait for READY, in ms; 3,000 unless told. */
  readonly readyTimeoutMs?: number;
}

const isChannel = (duplex: ByteDuplex | SshChannel): duplex is SshChannel => 'exited' in duplex;

/** Longest last line of the far command that is shown, in characters: a sentence or two. */
const MAX_SAID_CHARS = 300;

/** Keeps the last of what the far command says on stderr. Resolves when it has ended. */
const tailOf = async (stderr: AsyncIterable<Uint8Array>): Promise<string> => {
  let tail = Buffer.alloc(0);
  for await (const chunk of stderr) tail = Buffer.concat([tail, chunk]).subarray(-MAX_STDERR_TAIL_BYTES);
  return printable(tail.toString('utf8')).trim().split('\n').at(-1)?.slice(0, MAX_SAID_CHARS) ?? '';
};

/** Codes that a host's agent tells by the exit status of its `accept`; the rest would not tell one cause from another. */
const TOLD = ['unauthorized', 'bad-message', 'timeout', 'aborted'] as const;

/** Codes that share their exit status with others, and are told by the last line of `accept`. */
const TOLD_IN_WORDS = ['too-many', 'unavailable'] as const;
const VERDICT = /^ouro-agent: \[([a-z-]+)\] (.+)$/;

/** What the host's agent said itself of why there is no connection. */
const verdictOf = (said: string, code: number | null, cause: unknown): SignalingError | undefined => {
  const [, name, words = ''] = VERDICT.exec(said) ?? [];
  const told = TOLD_IN_WORDS.find((one) => one === name && ERROR_EDGES[one].exit === code);
  return told && new SignalingError(told, words, { cause });
};

/** What the end of the far command means, when it came before the peers had what they need. */
const ended = ({ code, signal }: ExitStatus, said: string, cause: unknown): SignalingError => {
  if (code === 127) {
    const text = 'The host has no agent (neither ouro-agent nor webexec); put one there with: ouro install';
    return new SignalingError('not-found', text, { cause });
  }
  const verdict = verdictOf(said, code, cause);
  if (verdict !== undefined) return verdict;
  const told = TOLD.find((name) => ERROR_EDGES[name].exit === code);
  const how = signal ? `was killed by ${signal}` : `ended with ${code ?? 'no exit status'}`;
  const words = said === '' ? '' : `: ${said}`;
  return new SignalingError(
    told ?? 'unavailable',
    `The host's agent ${how}${words}; see there: ouro-agent status`,
    { cause },
  );
};

/**
 * Signaling over a channel on which an `accept` command was started: an SSH channel of any client, or the stdio of a
 * process. Resolves once the far command said READY.
 *
 * @throws SignalingError `not-found` when the host has no agent (exit 127), `unavailable` when it ended before READY,
 *   `timeout`, `oversize`, `lost`, `aborted`
 */
export const dialSshChannel = async (
  channel: ByteDuplex | SshChannel,
  options: DialChannelOptions,
): Promise<ClientPipe> => {
  const pipe = openSshChannel(channel, options);
  try {
    await pipe.ready(options);
    return pipe;
  } catch (thrown) {
    await pipe.close();
    throw thrown;
  }
};

/**
 * As `dialSshChannel`, without the wait: `ready` tells, and what is sent before waits for it. So an offer can be made
 * and candidates be gathered while the agent starts.
 */
export const openSshChannel = (channel: ByteDuplex | SshChannel, options: DialChannelOptions): ClientPipe => {
  const pipe: ClientPipeOptions = {
    remote: options.remote,
    ...(options.readyTimeoutMs === undefined ? {} : { readyTimeoutMs: options.readyTimeoutMs }),
  };
  if (!isChannel(channel)) return new ClientPipe(channel, pipe);
  const said = tailOf(channel.stderr).catch(() => '');
  return new ClientPipe(channel, {
    ...pipe,
    explainEnd: async (error) => {
      // Its output may end before itself: then the end alone has to do.
      const limit = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
      const status = await unlessAborted(channel.exited, limit).catch(() => undefined);
      return status
        ? ended(status, await said, error)
        : new SignalingError('lost', error.message, { cause: error });
    },
  });
};
