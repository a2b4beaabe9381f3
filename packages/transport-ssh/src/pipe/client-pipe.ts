import type { ByteDuplex } from '@ouro/base/node';
import { type Abortable, type RemoteIdentity, SignalingError, unlessAborted } from '@ouro/signaling';
import { READY_TIMEOUT_MS } from '../constants.ts';
import { PipeSignaler } from './pipe-signaler.ts';
import { PreambleDecoder, type Ready } from './preamble.ts';

/** How the client's end of the pipe is opened. */
export interface ClientPipeOptions {
  /** What the transport proved of the far end; for SSH the login. */
  readonly remote: RemoteIdentity;
  /** Longest wait for READY, in ms; 3,000 unless told. */
  readonly readyTimeoutMs?: number;
  /** Says more of an early end, from what only the carrier knows (an exit status). */
  readonly explainEnd?: (error: SignalingError) => Promise<SignalingError>;
}

const silent = (): SignalingError =>
  new SignalingError(
    'unavailable',
    'The far command ended before it said READY: no agent runs on the host and none could be started',
  );

const late = (ms: number): SignalingError =>
  new SignalingError(
    'timeout',
    `No READY came from the host's agent within ${ms} ms; see how it does with: ouro-agent status`,
  );

const brokenBefore = (cause: unknown): SignalingError =>
  new SignalingError('lost', 'The SSH channel broke before the agent answered; try again', { cause });

/** Reads up to READY, then gives the chunks behind it; `ready` settles on the way. */
async function* behindPreamble(
  chunks: AsyncIterable<Uint8Array>,
  ready: PromiseWithResolvers<Ready>,
  explain: (error: SignalingError) => Promise<SignalingError>,
): AsyncGenerator<Uint8Array> {
  const preamble = new PreambleDecoder();
  let found: Ready | undefined;
  try {
    for await (const chunk of chunks) {
      if (found) {
        yield chunk;
        continue;
      }
      found = preamble.push(chunk);
      if (!found) continue;
      ready.resolve(found);
      if (found.rest.length > 0) yield found.rest;
    }
    if (!found) throw silent();
  } catch (thrown) {
    if (found) throw thrown;
    const met = thrown instanceof SignalingError ? thrown : brokenBefore(thrown);
    const isEnd = met.code === 'unavailable' || met.code === 'lost';
    const error = isEnd ? await explain(met) : met;
    ready.reject(error);
    throw error;
  }
}

/** The client's end: a Signaler whose `send` waits for the far command's READY. */
export class ClientPipe extends PipeSignaler {
  readonly #ready: Promise<Ready>;
  readonly #found: PromiseWithResolvers<Ready>;

  constructor(duplex: ByteDuplex, options: ClientPipeOptions) {
    const ready = Promise.withResolvers<Ready>();
    const ms = options.readyTimeoutMs ?? READY_TIMEOUT_MS;
    const deadline = withDeadline(ready.promise, ms);
    const explain = options.explainEnd ?? (async (error: SignalingError) => error);
    super(duplex, {
      remote: options.remote,
      chunks: behindPreamble(duplex.readable, ready, explain),
      gate: deadline,
      explainEnd: explain,
    });
    this.#ready = deadline;
    this.#found = ready;
  }

  override close(reason?: SignalingError): Promise<void> {
    this.#found.reject(new SignalingError('closed', 'The conversation was closed before the agent answered'));
    return super.close(reason);
  }

  /**
   * Resolves once the far command said READY (or its status object).
   * @throws SignalingError `unavailable` when it ended before, `timeout`, `oversize`, `lost`, `aborted`
   */
  ready({ signal }: Abortable): Promise<Ready> {
    return unlessAborted(this.#ready, signal);
  }
}

const withDeadline = (ready: Promise<Ready>, ms: number): Promise<Ready> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const timer = setTimeout(() => reject(late(ms)), ms);
  ready.then(resolve, reject).finally(() => clearTimeout(timer));
  // Nobody may be waiting for it yet; `ready` and `send` still see the failure.
  promise.catch(() => {});
  return promise;
};

/**
 * The client's end of an `accept` command that is running at the other end of `duplex`.
 * It may be given to `negotiate` at once: what is sent before READY waits for it.
 */
export const openClientPipe = (duplex: ByteDuplex, options: ClientPipeOptions): ClientPipe =>
  new ClientPipe(duplex, options);
