import type { ChannelData, DataChannelLike } from '@ouro/webrtc-types';
import { MAX_OUTBOX_BYTES } from './constants.ts';
import { ControlError } from './errors.ts';

/** Above this many buffered bytes messages wait here, so that a stalled channel meets our cap and not the stack's. */
const LOW_WATER_BYTES = 64 * 1024;

/** Messages in order onto a channel, also before it is open and while it is full. */
export class Outbox {
  readonly #channel: DataChannelLike;
  readonly #text: boolean;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;

  constructor(channel: DataChannelLike, text: boolean) {
    this.#channel = channel;
    this.#text = text;
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    channel.addEventListener('open', this.#flush);
    channel.addEventListener('bufferedamountlow', this.#flush);
  }

  /** Takes one whole message. @throws ControlError `closed`, or `busy` when too much waits */
  send(message: Uint8Array<ArrayBuffer>): void {
    const state = this.#channel.readyState;
    if (state === 'closing' || state === 'closed') {
      throw new ControlError('closed', 'The control channel is closed');
    }
    if (this.#waiting.length === 0 && this.#hasRoom()) {
      this.#give(message);
      return;
    }
    if (this.#waitingBytes + message.length > MAX_OUTBOX_BYTES) {
      throw new ControlError('busy', 'The far end does not read its control channel');
    }
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
  }

  /** Forgets what waits and lets the channel go. */
  stop(): void {
    this.#channel.removeEventListener('open', this.#flush);
    this.#channel.removeEventListener('bufferedamountlow', this.#flush);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  readonly #flush = (): void => {
    let sent = 0;
    for (const message of this.#waiting) {
      if (!this.#hasRoom()) break;
      try {
        this.#give(message);
      } catch {
        // The close event follows and tells all that wait.
        break;
      }
      sent += 1;
      this.#waitingBytes -= message.length;
    }
    this.#waiting.splice(0, sent);
  };

  #hasRoom(): boolean {
    return this.#channel.readyState === 'open' && this.#channel.bufferedAmount <= LOW_WATER_BYTES;
  }

  #give(message: Uint8Array<ArrayBuffer>): void {
    const data: ChannelData = this.#text ? new TextDecoder().decode(message) : message;
    try {
      this.#channel.send(data);
    } catch (cause) {
      throw new ControlError('closed', 'The control channel does not take a message', { cause });
    }
  }
}
