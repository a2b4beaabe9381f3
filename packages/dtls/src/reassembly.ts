import { HANDSHAKE_HEADER_BYTES, MAX_EARLY_MESSAGES, MAX_HANDSHAKE_MESSAGE_BYTES } from './constants.ts';
import { Reader, uint } from './wire.ts';

/** One handshake message, whole. */
export interface HandshakeMessage {
  readonly type: number;
  readonly sequence: number;
  /** Of the records that carried it: 0 plain, 1 encrypted. */
  readonly epoch: number;
  readonly body: Buffer;
}

interface Partial {
  readonly type: number;
  readonly epoch: number;
  readonly body: Buffer;
  readonly have: Uint8Array;
  missing: number;
}

interface Fragment {
  readonly type: number;
  readonly length: number;
  readonly sequence: number;
  readonly offset: number;
  readonly data: Buffer;
}

/**
 * Puts fragments of handshake messages together and gives the messages in their order, each once (RFC 6347 section
 * 4.2.3). Holds at most `MAX_EARLY_MESSAGES` unfinished or early messages of `MAX_HANDSHAKE_MESSAGE_BYTES`.
 */
export class HandshakeReassembly {
  readonly #partial = new Map<number, Partial>();
  #next = 0;

  /** Takes what one record carried. True if some of it was a message that had been given already: a retransmission. */
  push(record: Buffer, epoch: number): boolean {
    const reader = new Reader(record);
    let again = false;
    while (reader.left >= HANDSHAKE_HEADER_BYTES) {
      const fragment = readFragment(reader);
      if (fragment === undefined) return again;
      if (fragment.sequence < this.#next) again = true;
      else this.#keep(fragment, epoch);
    }
    return again;
  }

  /** The next message in order, when all of it is there. */
  take(): HandshakeMessage | undefined {
    const found = this.#partial.get(this.#next);
    if (found === undefined || found.missing > 0) return undefined;
    this.#partial.delete(this.#next);
    this.#next += 1;
    return { type: found.type, sequence: this.#next - 1, epoch: found.epoch, body: found.body };
  }

  #keep(fragment: Fragment, epoch: number): void {
    if (fragment.sequence >= this.#next + MAX_EARLY_MESSAGES) return;
    let partial = this.#partial.get(fragment.sequence);
    if (partial === undefined) {
      const { type, length } = fragment;
      partial = { type, epoch, body: Buffer.alloc(length), have: new Uint8Array(length), missing: length };
      this.#partial.set(fragment.sequence, partial);
    }
    // A fragment of another message under the same number is a forgery or a fault: the first one stays.
    const same = partial.type === fragment.type && partial.body.length === fragment.length;
    if (same && partial.epoch === epoch) fill(partial, fragment);
  }
}

/** The 12 bytes of a handshake header of a message in one piece, which is also what the transcript takes (RFC 6347 section 4.2.6). */
export function handshakeHeader(
  type: number,
  sequence: number,
  length: number,
  offset = 0,
  part = length,
): Buffer {
  return Buffer.concat([uint(type, 1), uint(length, 3), uint(sequence, 2), uint(offset, 3), uint(part, 3)]);
}

function readFragment(reader: Reader): Fragment | undefined {
  const type = reader.uint(1);
  const length = reader.uint(3);
  const sequence = reader.uint(2);
  const offset = reader.uint(3);
  const part = reader.uint(3);
  const fits = length <= MAX_HANDSHAKE_MESSAGE_BYTES && offset + part <= length && part <= reader.left;
  return fits ? { type, length, sequence, offset, data: reader.take(part) } : undefined;
}

function fill(partial: Partial, { offset, data }: Fragment): void {
  for (let i = 0; i < data.length; i += 1) {
    if (partial.have[offset + i] === 1) continue;
    partial.have[offset + i] = 1;
    partial.body[offset + i] = data[i] ?? 0;
    partial.missing -= 1;
  }
}
