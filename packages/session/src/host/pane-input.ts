import type { ChannelMessageEvent, DataChannelLike } from '@ouro/webrtc-types';
import { INPUT_HIGH_WATER_BYTES, MAX_INPUT_BYTES } from '../constants.ts';
import type { HostPane } from './pane.ts';

/** One client's input into a pane, with back-pressure on its channel. */
export class PaneInput {
  readonly #channel: DataChannelLike;
  readonly #pane: HostPane;
  readonly #onActive: () => void;
  #received = 0;
  #waiting = 0;
  #endAt: number | undefined;
  #paused = false;

  constructor(channel: DataChannelLike, pane: HostPane, onActive: () => void) {
    this.#channel = channel;
    this.#pane = pane;
    this.#onActive = onActive;
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', this.#onMessage);
  }

  /** Takes no more; what was taken still reaches the process. */
  stop(): void {
    this.#channel.removeEventListener('message', this.#onMessage);
  }

  /** The client's input ends after this many bytes. */
  endAt(bytes: number): void {
    this.#endAt = bytes;
    this.#checkEnd();
  }

  readonly #onMessage = ({ data }: ChannelMessageEvent): void => {
    const bytes = asBytes(data);
    if (!bytes) return;
    this.#onActive();
    this.#received += bytes.length;
    this.#waiting += bytes.length;
    const taken = () => this.#taken(bytes.length);
    // A process that takes no more input has ended or closed it: what comes for it is dropped.
    this.#pane.input(bytes).then(taken, taken);
    this.#checkEnd();
    this.#regulate();
  };

  #taken(bytes: number): void {
    this.#waiting -= bytes;
    this.#regulate();
  }

  #regulate(): void {
    const pause = this.#waiting > INPUT_HIGH_WATER_BYTES;
    if (!this.#channel.pause || !this.#channel.resume) {
      if (this.#waiting > MAX_INPUT_BYTES) this.#channel.close();
    } else if (pause !== this.#paused) {
      this.#paused = pause;
      if (pause) this.#channel.pause();
      else this.#channel.resume();
    }
  }

  #checkEnd(): void {
    if (this.#endAt === undefined || this.#received < this.#endAt) return;
    this.#endAt = undefined;
    // It never rejects: input that failed was caught where it was written.
    this.#pane.endInput().catch(() => {});
  }
}

function asBytes(data: unknown): Uint8Array | undefined {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}
