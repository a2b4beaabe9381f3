import type { Data, ForwardTsn, Sack } from './chunks.ts';
import { MAX_TSN_AHEAD, RECEIVE_WINDOW_BYTES } from './constants.ts';
import { InboundStream, type Message } from './inbound-stream.ts';
import { tsnDistance, tsnPlus } from './serial.ts';
import { TsnRanges } from './tsn-ranges.ts';

export interface InboundHost {
  /** One message, in the order of its stream. */
  deliver(streamId: number, message: Message): void;
  /** Whether the stream's messages are taken at once, so that they need no place in the window. */
  flows(streamId: number): boolean;
}

/** The receiving half of an association: what came, what is missing, what is kept, and what to say of it. */
export class Inbound {
  readonly #host: InboundHost;
  readonly #tsns: TsnRanges;
  readonly #streams = new Map<number, InboundStream>();
  #duplicates: number[] = [];
  #heldByReaders = 0;
  #heldByStreams = 0;

  constructor(initialTsn: number, host: InboundHost) {
    this.#host = host;
    this.#tsns = new TsnRanges(tsnPlus(initialTsn, -1));
  }

  get cumulativeTsn(): number {
    return this.#tsns.cumulative;
  }

  /** Something is missing or came twice: the sender should know at once (RFC 9260 section 6.7). */
  get isUrgent(): boolean {
    return this.#tsns.hasGaps || this.#duplicates.length > 0;
  }

  /** Bytes that may still be sent to us. */
  get window(): number {
    return Math.max(0, RECEIVE_WINDOW_BYTES - this.#held);
  }

  get #held(): number {
    return this.#heldByReaders + this.#heldByStreams;
  }

  /** A reader keeps (or, negative, has taken) this many bytes. */
  hold(bytes: number): void {
    this.#heldByReaders += bytes;
  }

  /** Takes one chunk. @throws SctpError `violation` */
  receive(chunk: Data): void {
    const ahead = tsnDistance(this.#tsns.cumulative, chunk.tsn);
    if (this.#tsns.has(chunk.tsn)) this.#duplicates.push(chunk.tsn);
    else if (ahead <= MAX_TSN_AHEAD && this.#hasRoom(chunk, ahead)) {
      this.#tsns.add(chunk.tsn);
      const stream = this.#stream(chunk.streamId);
      this.#deliver(chunk.streamId, stream, () => stream.push(chunk));
    }
  }

  /** RFC 3758 section 3.6. */
  forward({ cumulativeTsn, streams }: ForwardTsn): void {
    const ahead = tsnDistance(this.#tsns.cumulative, cumulativeTsn);
    if (ahead <= 0 || ahead > MAX_TSN_AHEAD) return;
    this.#tsns.forward(cumulativeTsn);
    const skipped = new Map(streams.map(({ streamId, ssn }) => [streamId, ssn]));
    for (const [id, stream] of this.#streams) {
      this.#deliver(id, stream, () => stream.skip(cumulativeTsn, skipped.get(id)));
    }
  }

  /** What to tell the sender; duplicates are told once. */
  sack(): Sack {
    const duplicates = this.#duplicates;
    this.#duplicates = [];
    return { cumulativeTsn: this.#tsns.cumulative, window: this.window, gaps: this.#tsns.gaps, duplicates };
  }

  /** The far end starts these streams anew (RFC 6525 section 5.2.2); none given means all. */
  reset(streamIds: readonly number[]): void {
    for (const id of streamIds.length > 0 ? streamIds : [...this.#streams.keys()]) {
      this.#heldByStreams -= this.#streams.get(id)?.kept ?? 0;
      this.#streams.delete(id);
    }
  }

  #hasRoom(chunk: Data, ahead: number): boolean {
    if (this.#held < RECEIVE_WINDOW_BYTES) return true;
    // What closes the first gap frees the window; it must not be kept out by what waits for it.
    if (ahead === 1 && this.#tsns.hasGaps && this.#held < 2 * RECEIVE_WINDOW_BYTES) return true;
    return this.#host.flows(chunk.streamId) && this.#stream(chunk.streamId).isDeliverable(chunk);
  }

  #deliver(streamId: number, stream: InboundStream, work: () => Message[]): void {
    const before = stream.kept;
    const messages = work();
    this.#heldByStreams += stream.kept - before;
    for (const message of messages) this.#host.deliver(streamId, message);
  }

  #stream(id: number): InboundStream {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      stream = new InboundStream();
      this.#streams.set(id, stream);
    }
    return stream;
  }
}
