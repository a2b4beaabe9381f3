import type { ChannelData, ChannelEventType, ChannelMessageEvent, DataChannelLike } from '@ouro/webrtc-types';
import { Emitter } from './emitter.ts';

/** What names a channel. */
export interface ChannelName {
  readonly label: string;
  readonly protocol: string;
  readonly id: number;
}

/** How a memory link behaves. */
export interface MemoryOptions {
  /** Bytes a paused end takes in before the sender's `bufferedAmount` stays up. Default 256 KiB. */
  windowBytes?: number;
  /** Without `pause` and `resume`, as in a browser. Default false. */
  withoutPause?: boolean;
  /** Largest message `send` takes, in bytes. Default 256 KiB. */
  maxMessageBytes?: number;
}

interface Listening {
  once?: boolean;
  signal?: AbortSignal;
}
type Payload = string | ArrayBuffer;
const sizeOf = (data: Payload) =>
  typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;

/** One end of a link. What it sends arrives in later turns, in order, as far as the other end takes it. */
export class MemoryChannel implements DataChannelLike {
  readonly label: string;
  readonly protocol: string;
  readonly id: number;
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  bufferedAmountLowThreshold = 0;
  pause?: () => void;
  resume?: () => void;
  readonly #options: MemoryOptions;
  readonly #events = new Emitter<ChannelMessageEvent>();
  #other: MemoryChannel | undefined;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #outgoing: Payload[] = [];
  #incoming: Payload[] = [];
  #incomingBytes = 0;
  #bufferedAmount = 0;
  #paused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ label, protocol, id }: ChannelName, options: MemoryOptions) {
    this.label = label;
    this.protocol = protocol;
    this.id = id;
    this.#options = options;
    if (options.withoutPause) return;
    this.pause = () => {
      this.#paused = true;
    };
    this.resume = () => {
      this.#paused = false;
      this.#wake();
      this.#wakeOther();
    };
  }

  get readyState(): 'connecting' | 'open' | 'closing' | 'closed' {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /** Listeners that are added now, for tests of leaks. */
  get listenerCount(): number {
    return this.#events.count;
  }

  /** Links two ends; they open in a later turn. */
  link(other: MemoryChannel): void {
    this.#other = other;
    other.#other = this;
    for (const end of [this, other]) end.#wake();
  }

  send(data: ChannelData): void {
    if (this.#state !== 'open') throw new DOMException('The channel is not open', 'InvalidStateError');
    const copy = typeof data === 'string' ? data : new Uint8Array(data).slice().buffer;
    const size = sizeOf(copy);
    if (size > (this.#options.maxMessageBytes ?? 256 * 1024)) throw new TypeError('The message is too long');
    this.#outgoing.push(copy);
    this.#bufferedAmount += size;
    this.#wake();
  }

  /** What was sent before still arrives; then both ends close. */
  close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    this.#state = 'closing';
    this.#wake();
  }

  /** Closes both ends at once; what is under way is lost. */
  cut(): void {
    for (const end of [this, this.#other]) {
      if (!end || end.#state === 'closed') continue;
      end.#outgoing = [];
      end.#incoming = [];
      end.#state = 'closing';
      end.#finish();
    }
  }

  addEventListener(
    type: 'message',
    listener: (event: ChannelMessageEvent) => void,
    options?: Listening,
  ): void;
  addEventListener(type: ChannelEventType, listener: (event: unknown) => void, options?: Listening): void;
  addEventListener(type: string, listener: (event: ChannelMessageEvent) => void, options?: Listening): void {
    this.#events.add(type, listener, options);
  }

  removeEventListener(type: 'message', listener: (event: ChannelMessageEvent) => void): void;
  removeEventListener(type: ChannelEventType, listener: (event: unknown) => void): void;
  removeEventListener(type: string, listener: (event: ChannelMessageEvent) => void): void {
    this.#events.remove(type, listener);
  }

  #wakeOther(): void {
    if (this.#other) this.#other.#wake();
  }

  #wake(): void {
    if (this.#state === 'closed') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#turn();
    }, 0);
  }

  #turn(): void {
    if (this.#state === 'connecting' && this.#other) {
      this.#state = 'open';
      this.#emit('open');
    }
    this.#deliver();
    this.#pump();
    if (this.#state === 'closing' && this.#outgoing.length === 0) this.#end();
  }

  /** Moves what was sent to the other end, as far as its window is open. */
  #pump(): void {
    const other = this.#other;
    while (other && this.#outgoing.length > 0 && other.#hasWindow()) {
      const data = this.#outgoing.shift();
      if (data === undefined) return;
      const before = this.#bufferedAmount;
      const size = sizeOf(data);
      this.#bufferedAmount -= size;
      other.#incoming.push(data);
      other.#incomingBytes += size;
      other.#wake();
      const threshold = this.bufferedAmountLowThreshold;
      if (before > threshold && this.#bufferedAmount <= threshold) this.#emit('bufferedamountlow');
    }
  }

  #hasWindow(): boolean {
    return this.#incomingBytes < (this.#options.windowBytes ?? 256 * 1024);
  }

  #deliver(): void {
    while (!this.#paused && this.#incoming.length > 0) {
      const data = this.#incoming.shift();
      if (data === undefined) return;
      this.#incomingBytes -= sizeOf(data);
      this.#events.emit('message', { data });
      this.#wakeOther();
    }
  }

  /** After the last byte was moved: the other end closes when it has delivered all, then this one. */
  #end(): void {
    const other = this.#other;
    if (!other || other.#state === 'closed') {
      this.#finish();
      return;
    }
    if (other.#state === 'open') {
      other.#state = 'closing';
      other.#emit('closing');
    }
    if (other.#incoming.length === 0 && this.#incoming.length === 0) {
      this.#finish();
      other.#finish();
    }
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bufferedAmount = 0;
    setTimeout(() => this.#emit('close'), 0);
  }

  #emit(type: ChannelEventType): void {
    this.#events.emit(type, { data: undefined });
  }
}
