import { CHUNK_HEADER_BYTES, COMMON_HEADER_BYTES, SCTP_PORT } from './constants.ts';
import { crc32c } from './crc32c.ts';

/** One chunk as it is on the wire, without its padding. */
export interface Chunk {
  readonly type: number;
  readonly flags: number;
  readonly value: Buffer;
}

export interface Packet {
  readonly verificationTag: number;
  /** The sender left the checksum out (RFC 9653). */
  readonly zeroChecksum: boolean;
  readonly chunks: readonly Chunk[];
}

const padded = (length: number): number => (length + 3) & ~3;

/** A whole packet; undefined if it is malformed or its checksum is neither right nor zero. */
export function decodePacket(bytes: Buffer): Packet | undefined {
  if (bytes.length < COMMON_HEADER_BYTES) return undefined;
  const checksum = bytes.readUInt32LE(8);
  if (checksum !== 0 && checksum !== checksumOf(bytes)) return undefined;
  const chunks: Chunk[] = [];
  for (let at = COMMON_HEADER_BYTES; at < bytes.length; ) {
    if (at + CHUNK_HEADER_BYTES > bytes.length) return undefined;
    const length = bytes.readUInt16BE(at + 2);
    if (length < CHUNK_HEADER_BYTES || at + length > bytes.length) return undefined;
    const value = bytes.subarray(at + CHUNK_HEADER_BYTES, at + length);
    chunks.push({ type: bytes.readUInt8(at), flags: bytes.readUInt8(at + 1), value });
    at += padded(length);
  }
  return { verificationTag: bytes.readUInt32BE(4), zeroChecksum: checksum === 0, chunks };
}

/** The bytes that a chunk takes in a packet. */
export function chunkBytes(valueBytes: number): number {
  return padded(CHUNK_HEADER_BYTES + valueBytes);
}

/** Chunks that go out together, encoded into one buffer. */
export function encodePacket(
  verificationTag: number,
  chunks: readonly Chunk[],
  zeroChecksum: boolean,
): Buffer {
  const total = chunks.reduce((sum, { value }) => sum + chunkBytes(value.length), COMMON_HEADER_BYTES);
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeUInt16BE(SCTP_PORT, 0);
  bytes.writeUInt16BE(SCTP_PORT, 2);
  bytes.writeUInt32BE(verificationTag, 4);
  bytes.writeUInt32LE(0, 8);
  let at = COMMON_HEADER_BYTES;
  for (const { type, flags, value } of chunks) {
    const length = CHUNK_HEADER_BYTES + value.length;
    bytes.writeUInt8(type, at);
    bytes.writeUInt8(flags, at + 1);
    bytes.writeUInt16BE(length, at + 2);
    value.copy(bytes, at + CHUNK_HEADER_BYTES);
    bytes.fill(0, at + length, at + padded(length));
    at += padded(length);
  }
  if (!zeroChecksum) bytes.writeUInt32LE(checksumOf(bytes), 8);
  return bytes;
}

/** Over the packet with zeros in place of the checksum. */
function checksumOf(bytes: Buffer): number {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(0, 8);
  return crc32c(copy);
}
