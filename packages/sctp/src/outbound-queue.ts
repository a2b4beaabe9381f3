import { Fifo } from './fifo.ts';
import { nextSsn } from './serial.ts';

/** A piece of a message, not numbered yet. */
export interface Fragment {
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly begin: boolean;
  readonly end: boolean;
  readonly unordered: boolean;
  readonly payload: Buffer;
}

interface Queued {
  readonly ppid: number;
  readonly data: Buffer;
  readonly unordered: boolean;
  at: number;
}

interface OutboundStream {
  readonly messages: Fifo<Queued>;
  nextSsn: number;
}

/**
 * Messages that wait to be sent, by stream. A message goes out whole before the next begins (its fragments need
 * TSNs in a row); between messages the streams take turns, so that a bulky one does not keep a small one waiting.
 */
export class OutboundQueue {
  readonly #streams = new Map<number, OutboundStream>();
  /** Streams with messages, the one whose turn it is first. */
  #turns: number[] = [];

  get isEmpty(): boolean {
    return this.#turns.length === 0;
  }

  push(streamId: number, ppid: number, data: Buffer, unordered: boolean): void {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = { messages: new Fifo(), nextSsn: 0 };
      this.#streams.set(streamId, stream);
    }
    if (stream.messages.length === 0) this.#turns.push(streamId);
    stream.messages.push({ ppid, data, unordered, at: 0 });
  }

  /** Whether the stream has anything that was not given out yet. */
  has(streamId: number): boolean {
    return (this.#streams.get(streamId)?.messages.length ?? 0) > 0;
  }

  /** The message that is to be sent next: its bytes in all, and whether some of them went out already. */
  get next(): { readonly bytes: number; readonly begun: boolean } | undefined {
    const message = this.#streams.get(this.#turns[0] ?? -1)?.messages.first;
    return message && { bytes: message.data.length, begun: message.at > 0 };
  }

  /** The next fragment, at most `room` bytes of payload. */
  take(room: number): Fragment | undefined {
    const streamId = this.#turns[0];
    return streamId === undefined ? undefined : this.#takeFrom(streamId, room);
  }

  /** A whole small message of a stream that `mayGo`, out of turn but never in the middle of another message. */
  takeWhole(room: number, mayGo: (streamId: number) => boolean): Fragment | undefined {
    if (this.next?.begun) return undefined;
    const fits = (id: number): boolean => (this.#streams.get(id)?.messages.first?.data.length ?? 0) <= room;
    const small = this.#turns.find((id) => fits(id) && mayGo(id));
    if (small === undefined) return undefined;
    this.#turns = [small, ...this.#turns.filter((id) => id !== small)];
    return this.#takeFrom(small, room);
  }

  /** The stream starts anew (RFC 6525); what it still holds is dropped. */
  reset(streamId: number): void {
    this.#streams.delete(streamId);
    this.#turns = this.#turns.filter((id) => id !== streamId);
  }

  #takeFrom(streamId: number, room: number): Fragment | undefined {
    const stream = this.#streams.get(streamId);
    const message = stream?.messages.first;
    if (stream === undefined || message === undefined) return undefined;
    const { data, ppid, unordered } = message;
    const begin = message.at === 0;
    const payload = data.subarray(message.at, message.at + room);
    message.at += payload.length;
    const end = message.at === data.length;
    const ssn = unordered ? 0 : stream.nextSsn;
    if (end) this.#finish(streamId, stream, unordered);
    return { streamId, ssn, ppid, begin, end, unordered, payload };
  }

  #finish(streamId: number, stream: OutboundStream, unordered: boolean): void {
    stream.messages.shift();
    if (!unordered) stream.nextSsn = nextSsn(stream.nextSsn);
    this.#turns.shift();
    if (stream.messages.length > 0) this.#turns.push(streamId);
  }
}
