import type { Runtime, RuntimeOptions } from '@ouro/base';
import { runtimeOf } from '@ouro/base/node';
import { Association } from '../association.ts';
import type { PathLimits } from '../congestion.ts';
import { INIT_DEFERRAL_MS, KEPT_OVERHEAD_BYTES, MAX_MESSAGE_BYTES } from '../constants.ts';
import type { SctpError } from '../errors.ts';
import {
  DCEP,
  DEFAULT_REMOTE_MAX_MESSAGE_BYTES,
  MAX_CHANNELS,
  MAX_NAME_BYTES,
  MIN_CHANNEL_LIFE_MS,
  PPID,
} from './constants.ts';
import { DataChannel, type DataChannelHost } from './data-channel.ts';
import { ACK_MESSAGE, decodeOpen, encodeOpen, type Open } from './dcep.ts';

/** What the channels of a connection are given: the path under them, and who hears what comes of it. */
export interface ChannelsOptions extends RuntimeOptions {
  readonly path: PathLimits;
  readonly transmit: (packet: Buffer) => void;
  /** A channel that the far end has opened; it is open when this returns. */
  readonly onChannel: (channel: DataChannel) => void;
  /** Once, unless `close` was called: the far end is gone. */
  readonly onClosed: (error: SctpError) => void;
}

/** The stream of a channel and how far its two sides are closed. */
interface Stream {
  readonly channel: DataChannel;
  /** RFC 8832 section 6: all is ordered until the far end has the OPEN. */
  acked: boolean;
  /** Ours: `finishing` until nothing is left on it, `resetting` until the far end knows. */
  outgoing: 'open' | 'finishing' | 'resetting' | 'reset';
  incoming: 'open' | 'reset';
  /** Until when our side is not reset, of the clock; see `MIN_CHANNEL_LIFE_MS`. */
  readonly youngUntil: number;
}

/** All data channels of one connection (RFC 8831, RFC 8832). */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #runtime: Runtime;
  readonly #association: Association;
  readonly #streams = new Map<number, Stream>();
  readonly #host: DataChannelHost;
  /** Created before there was an association. */
  #waiting: DataChannel[] = [];
  #maxMessageBytes = DEFAULT_REMOTE_MAX_MESSAGE_BYTES;
  #nextId = 0;
  #finishing = 0;
  /** Looks again at what was too young to end. */
  #growing: (() => void) | undefined;
  #closed = false;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#runtime = runtimeOf(options);
    const channels = this;
    this.#host = {
      get maxMessageBytes() {
        return channels.#maxMessageBytes;
      },
      send: (channel, ppid, data) => this.#send(channel, ppid, data),
      close: (channel) => this.#finish(channel),
      hold: (bytes, sign) => this.#association.hold(sign * (bytes + KEPT_OVERHEAD_BYTES)),
      drained: (channel) => this.#forget(channel),
    };
    this.#association = new Association({
      ...this.#runtime,
      path: options.path,
      transmit: options.transmit,
      onEstablished: () => this.#established(),
      onMessage: (id, ppid, data) => this.#message(id, ppid, data),
      flows: (id) => this.#streams.get(id)?.channel.flows ?? true,
      onSent: (id, ppid, bytes) => {
        if (ppid !== PPID.dcep) this.#streams.get(id)?.channel.sent(bytes);
      },
      onAcked: () => this.#resetFinished(),
      onIncomingReset: (ids) => this.#incomingReset(ids),
      onOutgoingReset: (ids) => this.#outgoingReset(ids),
      onClosed: (error) => this.#broken(error),
    });
  }

  /** Channels there are, in any state but closed. */
  get size(): number {
    return this.#streams.size + this.#waiting.length;
  }

  /** Smoothed round trip time of the association in milliseconds, once measured. */
  get srttMs(): number | undefined {
    return this.#association.srttMs;
  }

  /** What the far end's description says that it takes; 0 means anything (RFC 8841 section 6). */
  set maxMessageBytes(bytes: number) {
    this.#maxMessageBytes = bytes === 0 ? MAX_MESSAGE_BYTES : Math.min(bytes, MAX_MESSAGE_BYTES);
  }

  /** Chunks that were sent more than once, counted each time. */
  get retransmissions(): number {
    return this.#association.retransmissions;
  }

  /** See `Association`. */
  setPath(path: PathLimits, options?: { silent?: boolean }): void {
    this.#association.setPath(path, options);
  }

  /** A channel of ours. @throws DOMException `OperationError` at `MAX_CHANNELS`; TypeError for a name that is too long */
  create(open: Open): DataChannel {
    if (Buffer.byteLength(open.label) > MAX_NAME_BYTES || Buffer.byteLength(open.protocol) > MAX_NAME_BYTES) {
      throw new TypeError(`A label and a protocol have at most ${MAX_NAME_BYTES} bytes`);
    }
    if (this.size >= MAX_CHANNELS) {
      throw new DOMException(`There are ${MAX_CHANNELS} channels already`, 'OperationError');
    }
    const channel = new DataChannel(open, this.#host);
    if (this.#association.established) queueMicrotask(() => this.#open(channel));
    this.#waiting.push(channel);
    return channel;
  }

  /**
   * DTLS is up. Its client takes the even streams, its server the odd ones (RFC 8832 section 6). `initiate`: the SCTP
   * association is begun from this end.
   */
  start(role: 'client' | 'server', { initiate }: { initiate: boolean }): void {
    this.#nextId = role === 'client' ? 0 : 1;
    this.#association.start({ afterMs: initiate ? 0 : INIT_DEFERRAL_MS });
  }

  receive(packet: Buffer): void {
    this.#association.receive(packet);
  }

  /** Tells the far end and closes every channel. Twice is once. */
  close(): void {
    if (this.#closed) return;
    this.#association.abort();
    this.#end(undefined);
  }

  #established(): void {
    for (const channel of [...this.#waiting]) this.#open(channel);
  }

  #open(channel: DataChannel): void {
    const at = this.#waiting.indexOf(channel);
    if (at < 0 || !this.#association.established) return;
    this.#waiting.splice(at, 1);
    const id = this.#freeId();
    this.#streams.set(id, newStream(channel, this.#runtime.clock.now() + MIN_CHANNEL_LIFE_MS));
    this.#association.send(id, PPID.dcep, encodeOpen(channel), { ordered: true });
    channel.opened(id);
  }

  #freeId(): number {
    while (this.#streams.has(this.#nextId)) this.#advanceId();
    const id = this.#nextId;
    this.#advanceId();
    return id;
  }

  #advanceId(): void {
    const parity = this.#nextId % 2;
    this.#nextId = this.#nextId >= LAST_ID - 1 ? parity : this.#nextId + 2;
  }

  #send(channel: DataChannel, ppid: number, data: Buffer): void {
    const stream = this.#streamOf(channel);
    if (stream === undefined || channel.id === null) return;
    this.#association.send(channel.id, ppid, data, { ordered: channel.ordered || !stream.acked });
  }

  #message(id: number, ppid: number, data: Buffer): void {
    const stream = this.#streams.get(id);
    if (ppid !== PPID.dcep) stream?.channel.received(ppid, data);
    else if (data[0] === DCEP.open) this.#opened(id, data);
    else if (data[0] === DCEP.ack && stream !== undefined) stream.acked = true;
  }

  #opened(id: number, message: Buffer): void {
    if (this.#streams.has(id)) return;
    const open = decodeOpen(message);
    if (open === undefined || this.size >= MAX_CHANNELS) {
      this.#association.reset(id);
      return;
    }
    const channel = new DataChannel(open, this.#host, id);
    this.#streams.set(id, { ...newStream(channel), acked: true });
    this.#association.send(id, PPID.dcep, ACK_MESSAGE, { ordered: true });
    // Its listeners come with the event; whoever gets it sees it open (W3C: announced first, then open).
    this.#options.onChannel(channel);
    channel.opened(id);
  }

  #finish(channel: DataChannel): void {
    const stream = this.#streamOf(channel);
    if (stream === undefined) {
      this.#waiting = this.#waiting.filter((other) => other !== channel);
      channel.ended();
    } else if (stream.outgoing === 'open') {
      stream.outgoing = 'finishing';
      this.#finishing += 1;
      this.#resetFinished();
    }
  }

  /** RFC 8831 section 6.7: only when the far end has all that was sent is our side of the stream reset. */
  #resetFinished(): void {
    if (this.#finishing === 0) return;
    for (const [id, stream] of this.#streams) {
      if (stream.outgoing !== 'finishing' || this.#association.isBusy(id) || this.#isYoung(stream)) continue;
      stream.outgoing = 'resetting';
      this.#finishing -= 1;
      this.#association.reset(id);
    }
  }

  /** Then it is looked at again. A channel that the far end closes is none. */
  #isYoung({ incoming, youngUntil }: Stream): boolean {
    const left = youngUntil - this.#runtime.clock.now();
    if (incoming === 'reset' || left <= 0) return false;
    this.#growing ??= this.#runtime.clock.after(Math.ceil(left), () => {
      this.#growing = undefined;
      this.#resetFinished();
    });
    return true;
  }

  #incomingReset(ids: readonly number[]): void {
    for (const id of ids.length > 0 ? ids : [...this.#streams.keys()]) {
      const stream = this.#streams.get(id);
      if (stream === undefined) continue;
      stream.incoming = 'reset';
      stream.channel.closing();
      this.#finish(stream.channel);
      this.#resetFinished();
      this.#endIfReset(stream);
    }
  }

  #outgoingReset(ids: readonly number[]): void {
    for (const id of ids) {
      const stream = this.#streams.get(id);
      if (stream === undefined) continue;
      stream.outgoing = 'reset';
      this.#endIfReset(stream);
    }
  }

  #endIfReset({ channel, incoming, outgoing }: Stream): void {
    if (incoming === 'reset' && outgoing === 'reset') channel.ended();
  }

  #forget(channel: DataChannel): void {
    if (this.#streamOf(channel) !== undefined && channel.id !== null) this.#streams.delete(channel.id);
  }

  #streamOf(channel: DataChannel): Stream | undefined {
    const stream = channel.id === null ? undefined : this.#streams.get(channel.id);
    return stream?.channel === channel ? stream : undefined;
  }

  #broken(error: SctpError): void {
    if (this.#closed) return;
    this.#end(error.code === 'aborted' ? undefined : error);
    this.#options.onClosed(error);
  }

  #end(error: Error | undefined): void {
    this.#closed = true;
    this.#growing?.();
    const channels = [...this.#waiting, ...[...this.#streams.values()].map(({ channel }) => channel)];
    this.#waiting = [];
    this.#streams.clear();
    for (const channel of channels) channel.broken(error);
  }
}

/** The highest stream number that may be used (RFC 8832 section 6). */
const LAST_ID = 65_534;

function newStream(channel: DataChannel, youngUntil = 0): Stream {
  return { channel, acked: false, outgoing: 'open', incoming: 'open', youngUntil };
}
