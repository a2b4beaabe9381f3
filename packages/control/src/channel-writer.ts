import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { MAX_CHUNK_BYTES, MAX_OUTSTANDING_BYTES, MAX_PENDING_WRITES } from './constants.ts';
import { ControlError } from './errors.ts';
import { isGone, waitUntil } from './wait.ts';

/** Settings of a ChannelWriter. */
export interface ChannelWriterOptions {
  /** Largest message, in bytes. Default `MAX_CHUNK_BYTES`. */
  maxChunkBytes?: number;
  /** Most bytes outstanding, at least one message. Default `MAX_OUTSTANDING_BYTES`. */
  maxOutstandingBytes?: number;
}

/** Writes bytes to a channel with real back-pressure. */
export class ChannelWriter {
  readonly #channel: DataChannelLike;
  readonly #maxChunk: number;
  readonly #maxOutstanding: number;
  #bytesWritten = 0;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(channel: DataChannelLike, options: ChannelWriterOptions = {}) {
    this.#channel = channel;
    this.#maxChunk = options.maxChunkBytes ?? MAX_CHUNK_BYTES;
    this.#maxOutstanding = Math.max(options.maxOutstandingBytes ?? MAX_OUTSTANDING_BYTES, this.#maxChunk);
  }

  /** Bytes given to the channel so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Splits the bytes into messages and sends them in order after all earlier writes; resolves when the channel
   * can take a whole message more. The bytes must not change until then. One that is aborted in the middle has
   * sent a part: `bytesWritten` tells how much.
   * @throws ControlError `closed`, `aborted`, `timeout` (of the signal), `busy`
   */
  write(bytes: Uint8Array, { signal }: Abortable): Promise<void> {
    return this.#queue(() => this.#send(bytes, signal));
  }

  /** Resolves when the channel is open and can take a whole message. @throws ControlError */
  ready({ signal }: Abortable): Promise<void> {
    return this.#queue(() => this.#room(this.#maxChunk, signal));
  }

  /** Resolves when all earlier writes are done and nothing is outstanding. @throws ControlError */
  drained({ signal }: Abortable): Promise<void> {
    return this.#queue(() => this.#room(this.#maxOutstanding, signal));
  }

  async #queue(work: () => Promise<void>): Promise<void> {
    if (this.#waiting >= MAX_PENDING_WRITES) {
      throw new ControlError('busy', `${MAX_PENDING_WRITES} writes wait for this channel already`);
    }
    this.#waiting += 1;
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    try {
      await done;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#maxChunk) {
      const chunk = bytes.subarray(at, at + this.#maxChunk);
      await this.#room(chunk.length, signal);
      try {
        this.#channel.send(sendable(chunk));
      } catch (cause) {
        throw new ControlError('closed', 'The channel does not take a message', { cause });
      }
      this.#bytesWritten += chunk.length;
    }
    await this.#room(this.#maxChunk, signal);
  }

  /** Waits until this many bytes fit under the cap. */
  async #room(bytes: number, signal: AbortSignal): Promise<void> {
    const channel = this.#channel;
    const limit = this.#maxOutstanding - bytes;
    const fits = () => channel.readyState === 'open' && channel.bufferedAmount <= limit;
    if (fits() && !signal.aborted) return;
    if (!isGone(channel)) channel.bufferedAmountLowThreshold = limit;
    await waitUntil(channel, fits, signal);
  }
}

/** A channel takes no shared memory: such bytes are copied. */
function sendable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return ownsArrayBuffer(bytes) ? bytes : new Uint8Array(bytes);
}

function ownsArrayBuffer(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}
