import type { Data } from './chunks.ts';
import { KEPT_OVERHEAD_BYTES, MAX_MESSAGE_BYTES } from './constants.ts';
import { SctpError } from './errors.ts';
import { nextSsn, ssnDistance, tsnDistance, tsnPlus } from './serial.ts';

/** One user message, whole. */
export interface Message {
  readonly ppid: number;
  readonly data: Buffer;
}

/** What a kept chunk or message counts against the receive window. */
function keptBytes(payload: number): number {
  return payload + KEPT_OVERHEAD_BYTES;
}

/** Makes messages of the fragments of one stream and gives ordered ones in their order (RFC 9260 section 6.5, 6.6). */
export class InboundStream {
  readonly #fragments = new Map<number, Data>();
  /** Ordered messages that wait for an earlier one. */
  readonly #early = new Map<number, Message>();
  #nextSsn = 0;
  #kept = 0;

  /** What this stream holds, in bytes of the receive window. */
  get kept(): number {
    return this.#kept;
  }

  /** Whether this chunk is a whole message that can be given at once. */
  isDeliverable({ begin, end, unordered, ssn }: Data): boolean {
    return begin && end && (unordered || ssn === this.#nextSsn);
  }

  /** Takes a chunk that was not seen before. @returns the messages that it completes, in order @throws SctpError `violation` */
  push(chunk: Data): Message[] {
    if (chunk.begin && chunk.end) return this.#complete(chunk, [chunk]);
    this.#fragments.set(chunk.tsn, chunk);
    this.#kept += keptBytes(chunk.payload.length);
    const run = this.#run(chunk);
    if (run === undefined) return [];
    for (const fragment of run) {
      this.#fragments.delete(fragment.tsn);
      this.#kept -= keptBytes(fragment.payload.length);
    }
    return this.#complete(chunk, run);
  }

  /** Forgets what the far end has given up (RFC 3758 section 3.6). @returns messages that waited for it */
  skip(cumulativeTsn: number, ssn: number | undefined): Message[] {
    for (const [tsn, { payload }] of this.#fragments) {
      if (tsnDistance(tsn, cumulativeTsn) < 0) continue;
      this.#fragments.delete(tsn);
      this.#kept -= keptBytes(payload.length);
    }
    if (ssn === undefined || ssnDistance(this.#nextSsn, ssn) < 0) return [];
    const waited = [...this.#early].filter(([early]) => ssnDistance(early, ssn) >= 0);
    waited.sort(([a], [b]) => ssnDistance(b, a));
    this.#nextSsn = nextSsn(ssn);
    return [...waited.map(([early, message]) => this.#take(early, message)), ...this.#following()];
  }

  /** The fragments from the first to the last of the message that `chunk` is in, if all are there. */
  #run(chunk: Data): Data[] | undefined {
    let last = chunk;
    while (!last.end) {
      const next = this.#fragments.get(tsnPlus(last.tsn, 1));
      if (next === undefined) return undefined;
      last = next;
    }
    const run = [last];
    let bytes = last.payload.length;
    for (let first = last; !first.begin; ) {
      const before = this.#fragments.get(tsnPlus(first.tsn, -1));
      if (before === undefined) return undefined;
      bytes += before.payload.length;
      if (bytes > MAX_MESSAGE_BYTES) throw tooLarge();
      run.push(before);
      first = before;
    }
    return run.reverse();
  }

  #complete({ unordered, ssn, ppid }: Data, run: readonly Data[]): Message[] {
    const [only] = run;
    const data = only && run.length === 1 ? only.payload : Buffer.concat(run.map(({ payload }) => payload));
    if (data.length > MAX_MESSAGE_BYTES) throw tooLarge();
    if (unordered) return [{ ppid, data }];
    if (ssn !== this.#nextSsn) {
      this.#early.set(ssn, { ppid, data });
      this.#kept += keptBytes(data.length);
      return [];
    }
    this.#nextSsn = nextSsn(ssn);
    return [{ ppid, data }, ...this.#following()];
  }

  #following(): Message[] {
    const found: Message[] = [];
    for (;;) {
      const message = this.#early.get(this.#nextSsn);
      if (message === undefined) return found;
      found.push(this.#take(this.#nextSsn, message));
      this.#nextSsn = nextSsn(this.#nextSsn);
    }
  }

  #take(ssn: number, message: Message): Message {
    this.#early.delete(ssn);
    this.#kept -= keptBytes(message.data.length);
    return message;
  }
}

function tooLarge(): SctpError {
  return new SctpError('violation', `The other end sent a message over ${MAX_MESSAGE_BYTES} bytes`);
}
