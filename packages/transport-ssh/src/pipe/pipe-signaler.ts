import {
  type Abortable,
  JsonTextDecoder,
  jsonLineCodec,
  type Signal,
  type Signaler,
  SignalingError,
  SignalQueue,
  type Vouch,
} from '@ouro/signaling';
import { CLOSE_TIMEOUT_MS } from '../constants.ts';
import type { ByteDuplex } from './byte-duplex.ts';
import { EchoFilter } from './echo-filter.ts';
import { withAbort } from './with-abort.ts';

const lost = (cause: unknown): SignalingError =>
  new SignalingError('lost', 'The SSH channel broke before the peers were connected; try again', { cause });

const closed = (): SignalingError =>
  new SignalingError('closed', 'This conversation was closed; nothing more can be sent on it');

/** What both ends of the pipe share: JSON texts in, one per line out, over any stream of bytes. */
export class PipeSignaler implements Signaler {
  readonly trickle = 'both';
  readonly remote: Vouch;
  readonly #duplex: ByteDuplex;
  readonly #queue = new SignalQueue();
  readonly #decoder = new JsonTextDecoder();
  readonly #echo = new EchoFilter();
  #gate: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  readonly #reading: Promise<void>;

  /**
   * @param chunks the signals' bytes: `duplex.readable`, or what is left of it behind the preamble
   * @param gate nothing is sent before it resolves, nor if it rejects
   */
  constructor(duplex: ByteDuplex, remote: Vouch, chunks: AsyncIterable<Uint8Array>, gate?: Promise<unknown>) {
    this.#duplex = duplex;
    this.remote = remote;
    if (gate) this.#gate = gate;
    this.#reading = this.#read(chunks);
  }

  async #read(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of chunks) this.#take(this.#decoder.push(chunk));
      this.#take(this.#decoder.end());
      this.#queue.end();
    } catch (thrown) {
      if (this.#closing) return this.#queue.end();
      this.#queue.fail(thrown instanceof SignalingError ? thrown : lost(thrown));
    }
  }

  #take(signals: readonly Signal[]): void {
    for (const signal of signals) if (!this.#echo.isEcho(signal)) this.#queue.push(signal);
  }

  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    if (this.#closing) throw closed();
    const bytes = jsonLineCodec.encode(signal);
    await withAbort(this.#gate, abort);
    if (this.#closing) throw closed();
    this.#echo.sent(signal);
    await withAbort(
      this.#duplex.write(bytes).catch((thrown: unknown) => Promise.reject(lost(thrown))),
      abort,
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    return this.#queue[Symbol.asyncIterator]();
  }

  /** The road has no words for a reason: the far end sees the stream end. */
  close(_reason?: SignalingError): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#queue.end();
    const limit = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    await withAbort(this.#duplex.end(), limit).catch(() => {});
    await withAbort(this.#reading, limit).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
