import { TypedEventTarget } from '@ouro/base';
import type { ChannelData, DataChannelLike } from '@ouro/webrtc-types';
import { MAX_BUFFERED_BYTES, PPID } from './constants.ts';
import type { Open } from './dcep.ts';

/** What each event of a channel carries. */
export interface DataChannelEvents {
  open: object;
  message: { readonly data: string | Uint8Array };
  bufferedamountlow: object;
  closing: object;
  close: object;
  error: { readonly error: Error };
}

/** What a channel asks of the connection that carries it. */
export interface DataChannelHost {
  /** Largest message that the far end takes, in bytes. */
  readonly maxMessageBytes: number;
  send(channel: DataChannel, ppid: number, data: Buffer): void;
  /** The user wants it closed. */
  close(channel: DataChannel): void;
  /** The channel keeps (or, negative, has given out) a message of this many bytes. */
  hold(dataBytes: number, sign: 1 | -1): void;
  /** Nothing is kept any more, and both sides are reset: nobody needs the channel. */
  drained(channel: DataChannel): void;
}

const EMPTY = Buffer.from([0]);

/**
 * W3C `RTCDataChannel`, reliable. `bufferedAmount` counts bytes given to `send` that were not sent yet. While paused,
 * messages are kept and the receive window closes, so that the far end's own `bufferedAmount` grows.
 */
export class DataChannel extends TypedEventTarget<DataChannelEvents> implements DataChannelLike {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  /** Messages are given as `string` or `Uint8Array`, whatever it says. */
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  bufferedAmountLowThreshold = 0;
  readonly #host: DataChannelHost;
  #id: number | null;
  #readyState: DataChannelLike['readyState'] = 'connecting';
  #bufferedAmount = 0;
  #paused = false;
  #kept: { readonly data: string | Uint8Array; readonly bytes: number }[] = [];
  #ended = false;

  /** @param id its stream, which the far end's channels have from the start */
  constructor({ label, protocol, ordered }: Open, host: DataChannelHost, id: number | null = null) {
    super();
    this.#id = id;
    this.label = label;
    this.protocol = protocol;
    this.ordered = ordered;
    this.#host = host;
  }

  /** The SCTP stream, once the connection has one for it. */
  get id(): number | null {
    return this.#id;
  }

  get readyState(): DataChannelLike['readyState'] {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /**
   * @throws DOMException `InvalidStateError` unless open, `OperationError` over `MAX_BUFFERED_BYTES`; TypeError if the
   * far end does not take messages of this size
   */
  send(data: ChannelData): void {
    if (this.#readyState !== 'open') {
      throw new DOMException(`The channel "${this.label}" is ${this.#readyState}`, 'InvalidStateError');
    }
    const bytes = copyOf(data);
    if (bytes.length > this.#host.maxMessageBytes) {
      throw new TypeError(`The far end takes messages of at most ${this.#host.maxMessageBytes} bytes`);
    }
    if (this.#bufferedAmount + bytes.length > MAX_BUFFERED_BYTES) {
      throw new DOMException('The send buffer is full; wait for bufferedamountlow', 'OperationError');
    }
    const text = typeof data === 'string';
    const payload = bytes.length > 0 ? bytes : EMPTY;
    this.#bufferedAmount += payload.length;
    this.#host.send(this, ppidOf(text, bytes.length), payload);
  }

  /** What was sent before still arrives; `close` follows when the far end has closed its side too. Twice is once. */
  close(): void {
    if (this.#readyState === 'closing' || this.#readyState === 'closed') return;
    this.#readyState = 'closing';
    this.#host.close(this);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#giveKept();
  }

  /** Whether messages are given at once. */
  get flows(): boolean {
    return !this.#paused && this.#kept.length === 0;
  }

  /** For the connection: the stream is there. */
  opened(id: number): void {
    this.#id = id;
    if (this.#readyState !== 'connecting') return;
    this.#readyState = 'open';
    this.emit('open', {});
  }

  /** For the connection: a message came. */
  received(ppid: number, payload: Buffer): void {
    const data = toData(ppid, payload);
    if (data === undefined || this.#readyState !== 'open') return;
    if (this.flows) this.emit('message', { data });
    else {
      this.#kept.push({ data, bytes: payload.length });
      this.#host.hold(payload.length, 1);
    }
  }

  /** For the connection: bytes of ours went out. */
  sent(bytes: number): void {
    const before = this.#bufferedAmount;
    this.#bufferedAmount -= bytes;
    const threshold = this.bufferedAmountLowThreshold;
    if (before > threshold && this.#bufferedAmount <= threshold) this.emit('bufferedamountlow', {});
  }

  /** For the connection: the far end closes it. */
  closing(): void {
    if (this.#readyState === 'closing' || this.#readyState === 'closed') return;
    this.#readyState = 'closing';
    this.emit('closing', {});
  }

  /** For the connection: both sides are closed; `close` comes when all that was kept has been given. */
  ended(): void {
    this.#ended = true;
    this.#giveKept();
  }

  /** For the connection: it is gone, and with it the channel. */
  broken(error: Error | undefined): void {
    if (this.#readyState === 'closed') return;
    this.#drop();
    this.#readyState = 'closed';
    if (error !== undefined) this.emit('error', { error });
    this.emit('close', {});
  }

  #giveKept(): void {
    while (!this.#paused) {
      const next = this.#kept.shift();
      if (next === undefined) break;
      this.#host.hold(next.bytes, -1);
      this.emit('message', { data: next.data });
    }
    if (!this.#ended || this.#kept.length > 0 || this.#readyState === 'closed') return;
    this.#readyState = 'closed';
    this.#host.drained(this);
    this.emit('close', {});
  }

  #drop(): void {
    for (const { bytes } of this.#kept.splice(0)) this.#host.hold(bytes, -1);
  }
}

/** The sender may change its bytes as soon as `send` has returned: one copy, and no more. */
function copyOf(data: ChannelData): Buffer {
  return typeof data === 'string' || data instanceof Uint8Array
    ? Buffer.from(data)
    : Buffer.from(data.slice(0));
}

function ppidOf(text: boolean, bytes: number): number {
  if (text) return bytes > 0 ? PPID.text : PPID.emptyText;
  return bytes > 0 ? PPID.binary : PPID.emptyBinary;
}

/** Undefined for a kind of message that WebRTC does not have. */
function toData(ppid: number, payload: Buffer): string | Uint8Array | undefined {
  switch (ppid) {
    case PPID.text:
      return payload.toString('utf8');
    case PPID.emptyText:
      return '';
    case PPID.binary:
      return new Uint8Array(payload.buffer, payload.byteOffset, payload.length);
    case PPID.emptyBinary:
      return new Uint8Array(0);
    default:
      return undefined;
  }
}
