const FIRST_BYTES = 16 * 1024;

/** What `read` found: bytes (none at the end), or that the ring no longer has them. */
export type RingRead = Uint8Array<ArrayBuffer> | 'gone';

/**
 * The last `capacity` bytes of a stream, addressed by absolute position: the first byte ever written is 0.
 * Memory grows with the stream up to the capacity.
 */
export class RingBuffer {
  readonly capacity: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #end = 0;

  /** @throws RangeError when the capacity is not a positive integer */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError('The capacity of a ring must be a positive integer');
    }
    this.capacity = capacity;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, capacity));
  }

  /** Position of the oldest byte that is still here. */
  get start(): number {
    return Math.max(0, this.#end - this.capacity);
  }

  /** Position of the next byte to be written. */
  get end(): number {
    return this.#end;
  }

  /** Appends a copy of the bytes. */
  write(bytes: Uint8Array): void {
    this.#grow(this.#end + bytes.length);
    const end = this.#end + bytes.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#bytes.length));
    const at = (end - kept.length) % this.#bytes.length;
    const first = kept.subarray(0, this.#bytes.length - at);
    this.#bytes.set(first, at);
    this.#bytes.set(kept.subarray(first.length), 0);
    this.#end = end;
  }

  /**
   * A copy of at most `max` bytes from this position on; empty at the end; `gone` when the byte at the position
   * was overwritten. @throws RangeError for a position that was never reached
   */
  read(position: number, max: number): RingRead {
    if (!Number.isSafeInteger(position) || position < 0 || position > this.#end) {
      throw new RangeError('No such position in the ring');
    }
    if (position < this.start) return 'gone';
    const length = Math.min(max, this.#end - position);
    const at = position % this.#bytes.length;
    const first = this.#bytes.subarray(at, Math.min(at + length, this.#bytes.length));
    if (first.length === length) return first.slice();
    const copy = new Uint8Array(length);
    copy.set(first, 0);
    copy.set(this.#bytes.subarray(0, length - first.length), first.length);
    return copy;
  }

  /** Until it has its full size nothing was ever overwritten, so that position and index are the same. */
  #grow(needed: number): void {
    let size = this.#bytes.length;
    if (size === this.capacity || needed <= size) return;
    while (size < needed && size < this.capacity) size = Math.min(size * 2, this.capacity);
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#end), 0);
    this.#bytes = larger;
  }
}
