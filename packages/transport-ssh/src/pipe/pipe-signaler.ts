import type { ByteDuplex } from '@ouro/base/node';
import {
  type Abortable,
  JsonTextDecoder,
  jsonLineCodec,
  type RemoteIdentity,
  type Signal,
  type Signaler,
  SignalingError,
  SignalQueue,
  unlessAborted,
} from '@ouro/signaling';
import { CLOSE_TIMEOUT_MS } from '../constants.ts';
import { EchoFilter } from './echo-filter.ts';

/** A pipe has no goodbye: before the answer its end is a failure, behind it the conversation is simply over. */
const endedEarly = (): SignalingError =>
  new SignalingError('lost', 'The SSH channel ended before there was an answer; try again');

const lost = (cause: unknown): SignalingError =>
  new SignalingError('lost', 'The SSH channel broke before the peers were connected; try again', { cause });

const closed = (): SignalingError =>
  new SignalingError('closed', 'This conversation was closed; nothing more can be sent on it');

/** What an end of the pipe is made with. */
export interface PipeOptions {
  readonly remote: RemoteIdentity;
  /** The signals' bytes, where they are not all of `duplex.readable`: what is left behind the preamble. */
  readonly chunks?: AsyncIterable<Uint8Array>;
  /** Nothing is sent before it resolves, nor if it rejects. */
  readonly gate?: Promise<unknown>;
  /** Says more of an early end, from what only the carrier knows. */
  readonly explainEnd?: (error: SignalingError) => Promise<SignalingError>;
}

/** What both ends of the pipe share: JSON texts in, one per line out, over any stream of bytes. */
export class PipeSignaler implements Signaler {
  readonly trickle = 'both';
  readonly remote: RemoteIdentity;
  readonly #duplex: ByteDuplex;
  readonly #queue = new SignalQueue();
  readonly #decoder = new JsonTextDecoder();
  readonly #echo = new EchoFilter();
  readonly #gate: Promise<unknown>;
  readonly #explain: (error: SignalingError) => Promise<SignalingError>;
  #answered = false;
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();
  readonly #reading: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();

  constructor(duplex: ByteDuplex, options: PipeOptions) {
    this.#duplex = duplex;
    this.remote = options.remote;
    this.#gate = options.gate ?? Promise.resolve();
    this.#explain = options.explainEnd ?? (async (error) => error);
    this.#reading = this.#read(options.chunks ?? duplex.readable);
  }

  async #read(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of this.#whileOpen(chunks)) this.#take(this.#decoder.push(chunk));
      if (this.#closing) return;
      this.#take(this.#decoder.end());
      if (!this.#answered) throw endedEarly();
      this.#queue.end();
    } catch (thrown) {
      this.#queue.fail(await this.#failure(thrown));
    }
  }

  /** The chunks up to our own close: a far end that does not end its side must not hold ours. */
  async *#whileOpen(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = chunks[Symbol.asyncIterator]();
    const letGo = this.#closed.promise.then(() => ({ done: true, value: undefined }) as const);
    for (;;) {
      const next = source.next();
      // Left alone after a close, it may still fail.
      next.catch(() => {});
      const { done, value } = await Promise.race([next, letGo]);
      if (done) return;
      yield value;
    }
  }

  /** The carrier may know why the bytes ended (an exit status); what was said wrong needs no explanation. */
  async #failure(thrown: unknown): Promise<SignalingError> {
    if (this.#closing) return closed();
    const error = thrown instanceof SignalingError ? thrown : lost(thrown);
    return error.code === 'lost' ? this.#explain(error) : error;
  }

  #take(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.#echo.isEcho(signal)) continue;
      if (signal.type === 'answer') this.#answered = true;
      this.#queue.push(signal);
    }
  }

  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    if (this.#closing) throw closed();
    const bytes = jsonLineCodec.encode(signal);
    await unlessAborted(Promise.race([this.#gate, this.#closed.promise]), abort);
    if (this.#closing) throw closed();
    this.#echo.sent(signal);
    if (signal.type === 'answer') this.#answered = true;
    await unlessAborted(
      this.#duplex.write(bytes).catch((thrown: unknown) => Promise.reject(lost(thrown))),
      abort,
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    return this.#queue[Symbol.asyncIterator]();
  }

  /** Resolves when this end was closed and the stream let go. */
  get closed(): Promise<void> {
    return this.#ended.promise;
  }

  /** A reason is told as far as the stream has words for it: the host's `accept` command, by its exit status. */
  close(reason?: SignalingError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: SignalingError | undefined): Promise<void> {
    this.#queue.end();
    this.#closed.resolve();
    const limit = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    await unlessAborted(this.#duplex.end(reason), limit).catch(() => {});
    await this.#reading;
    this.#ended.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
