import { DtlsError } from './errors.ts';

/** Reads big-endian fields of the TLS presentation language (RFC 5246 section 4). All throw DtlsError `decode` at the end of the bytes. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** An unsigned integer of 1 to 6 bytes. */
  uint(bytes: number): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }

  /** The next bytes, not copied. */
  take(bytes: number): Buffer {
    if (bytes > this.left) throw new DtlsError('decode', 'A DTLS message is cut short');
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  /** A vector with a length of `lengthBytes` before it. */
  vector(lengthBytes: number): Buffer {
    return this.take(this.uint(lengthBytes));
  }

  /** A vector of integers of `itemBytes` each. */
  uints(lengthBytes: number, itemBytes: number): number[] {
    const items = new Reader(this.vector(lengthBytes));
    const found: number[] = [];
    while (items.left > 0) found.push(items.uint(itemBytes));
    return found;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left > 0) throw new DtlsError('decode', 'A DTLS message has bytes after its end');
  }
}

/** A big-endian unsigned integer of 1 to 6 bytes. */
export function uint(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
}

/** `parts` joined, with their length in `lengthBytes` bytes before them. */
export function vector(lengthBytes: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([uint(body.length, lengthBytes), body]);
}

/** A vector of integers of `itemBytes` each. */
export function uints(lengthBytes: number, itemBytes: number, items: readonly number[]): Buffer {
  return vector(lengthBytes, ...items.map((item) => uint(item, itemBytes)));
}
