import type { ChannelMessageEvent, DataChannelLike } from '@ouro/webrtc-types';
import { MAX_RECEIVE_BYTES, RECEIVE_HIGH_WATER_BYTES } from '../constants.ts';
import { SessionError } from '../errors.ts';

/**
 * The bytes that come on one channel, for one reader. A reader that is slow closes the channel's window; where
 * the channel has none, what waits is capped.
 */
export class ByteStream implements AsyncIterable<Uint8Array> {
  /** Called when the announced end or the end of the channel was reached. */
  onEnd: (() => void) | undefined;
  #channel: DataChannelLike | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #received = 0;
  #announced: number | undefined;
  #ended = false;
  #error: SessionError | undefined;
  #paused = false;
  #reading = false;
  #wake: (() => void) | undefined;
  #reaching: { bytes: number; resolve: () => void }[] = [];

  /** Bytes received so far, read or not. */
  get received(): number {
    return this.#received;
  }

  /** Whether it has its channel. */
  get listening(): boolean {
    return this.#channel !== undefined;
  }

  /** Whether no more comes. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the channel's messages from this turn on. */
  listen(channel: DataChannelLike): void {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', this.#onMessage);
  }

  /** The far end says how much there is: ends as soon as it has come. */
  announce(bytes: number): void {
    this.#announced = bytes;
    this.#checkAnnounced();
  }

  /** Resolves when this many bytes have come, or no more will. */
  reached(bytes: number): Promise<void> {
    if (this.#received >= bytes || this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#reaching.push({ bytes, resolve }));
  }

  /** No more comes; with an error the reader gets it after what came before. Twice is once. */
  end(error?: SessionError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#channel?.removeEventListener('message', this.#onMessage);
    this.#wakeReader();
    this.#checkReached();
    this.onEnd?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    if (this.#reading) throw new SessionError('busy', 'This stream has a reader already');
    this.#reading = true;
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes) {
        this.#queuedBytes -= bytes.length;
        this.#regulate();
        yield bytes;
      } else if (this.#ended) {
        if (this.#error) throw this.#error;
        return;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    }
  }

  readonly #onMessage = ({ data }: ChannelMessageEvent): void => {
    const bytes = asBytes(data);
    if (!bytes || bytes.length === 0) return;
    this.#received += bytes.length;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#wakeReader();
    this.#regulate();
    this.#checkReached();
    this.#checkAnnounced();
  };

  #checkReached(): void {
    const done = this.#reaching.filter(({ bytes }) => this.#received >= bytes || this.#ended);
    this.#reaching = this.#reaching.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
  }

  #checkAnnounced(): void {
    if (this.#announced !== undefined && this.#received >= this.#announced) this.end();
  }

  #regulate(): void {
    const channel = this.#channel;
    if (!channel) return;
    const pause = this.#queuedBytes > RECEIVE_HIGH_WATER_BYTES && !this.#ended;
    if (!channel.pause || !channel.resume) {
      if (this.#queuedBytes > MAX_RECEIVE_BYTES) this.#overflow(channel);
    } else if (pause !== this.#paused) {
      this.#paused = pause;
      if (pause) channel.pause();
      else channel.resume();
    }
  }

  #overflow(channel: DataChannelLike): void {
    this.end(new SessionError('overflow', `More than ${MAX_RECEIVE_BYTES} bytes of output were not read`));
    channel.close();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function asBytes(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (data instanceof Uint8Array) return data;
  return typeof data === 'string' ? new TextEncoder().encode(data) : undefined;
}
