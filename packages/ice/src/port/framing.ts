import { FRAME_HEADER_BYTES } from './constants.ts';
import { IcePortError } from './errors.ts';

/** A packet of at most 65535 bytes behind its 16-bit big-endian length (RFC 4571 section 2). */
export function encodeFrame(packet: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + packet.length);
  frame.writeUInt16BE(packet.length, 0);
  frame.set(packet, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Cuts a byte stream, however it is split, into the packets of RFC 4571. Keeps at most one unfinished frame of
 * `maxBytes`. Empty frames are legal and skipped.
 */
export class FrameReader {
  /** Largest packet taken, bytes; may be changed between two reads. */
  maxBytes: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of an unfinished frame. */
  get held(): number {
    return this.#held.length;
  }

  /**
   * The packets that are whole now; each is a view into `chunk` or its own memory.
   * @throws IcePortError `oversize` when a frame says it is longer than `maxBytes`; nothing can be read after that
   */
  *read(chunk: Buffer): Generator<Buffer, void, void> {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    for (let end = this.#endOf(bytes); end <= bytes.length; end = this.#endOf(bytes)) {
      const packet = bytes.subarray(FRAME_HEADER_BYTES, end);
      bytes = bytes.subarray(end);
      if (packet.length > 0) yield packet;
    }
    // A copy, so that a few left bytes do not keep the whole chunk in memory.
    this.#held = Buffer.from(bytes);
  }

  /** Where the first frame ends; Infinity when that is not known yet. */
  #endOf(bytes: Buffer): number {
    if (bytes.length < FRAME_HEADER_BYTES) return Number.POSITIVE_INFINITY;
    const length = bytes.readUInt16BE(0);
    if (length > this.maxBytes) {
      throw new IcePortError('oversize', `A frame of ${length} bytes is longer than ${this.maxBytes}`);
    }
    return FRAME_HEADER_BYTES + length;
  }
}
