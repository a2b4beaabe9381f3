/** One optional parameter (RFC 9260 section 3.2.1). */
export interface Parameter {
  readonly type: number;
  readonly value: Buffer;
}

const HEADER_BYTES = 4;
const padded = (length: number): number => (length + 3) & ~3;

/** All parameters up to the first that is malformed, which ends them. */
export function decodeParameters(bytes: Buffer): Parameter[] {
  const found: Parameter[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    found.push({ type: bytes.readUInt16BE(at), value: bytes.subarray(at + HEADER_BYTES, at + length) });
    at += padded(length);
  }
  return found;
}

/** Parameters one after the other, each padded to 4 bytes. */
export function encodeParameters(parameters: readonly Parameter[]): Buffer {
  return Buffer.concat(
    parameters.map(({ type, value }) => {
      const bytes = Buffer.alloc(padded(HEADER_BYTES + value.length));
      bytes.writeUInt16BE(type, 0);
      bytes.writeUInt16BE(HEADER_BYTES + value.length, 2);
      value.copy(bytes, HEADER_BYTES);
      return bytes;
    }),
  );
}

/** Big-endian 32-bit numbers. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
