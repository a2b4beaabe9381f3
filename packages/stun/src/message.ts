import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from '@ouro/base';
import { systemRandom } from '@ouro/base/node';
import {
  FINGERPRINT_XOR,
  MAGIC_COOKIE,
  MAX_STUN_BYTES,
  STUN_ATTRIBUTE,
  STUN_HEADER_BYTES,
  TRANSACTION_ID_BYTES,
} from './constants.ts';

/** One attribute, without its padding. */
export interface StunAttribute {
  readonly type: number;
  readonly value: Buffer;
}

/** A STUN message as it came (RFC 8489 section 5). */
export interface StunMessage {
  /** Method and class in one, as on the wire. */
  readonly type: number;
  /** Hexadecimal. */
  readonly transactionId: string;
  /** The first of each type; none after MESSAGE-INTEGRITY but FINGERPRINT. */
  readonly attributes: ReadonlyMap<number, Buffer>;
  /** There was a FINGERPRINT, and it is right. */
  readonly fingerprinted: boolean;
  readonly bytes: Buffer;
  /** Where MESSAGE-INTEGRITY begins; undefined without one. */
  readonly integrityAt: number | undefined;
}

const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = 20;
const FINGERPRINT_BYTES = 4;
const padded = (length: number): number => (length + 3) & ~3;

/** A random transaction id, hexadecimal. */
export function newTransactionId(random: Random = systemRandom): string {
  return Buffer.from(random(TRANSACTION_ID_BYTES)).toString('hex');
}

/** Reads a message of any provenance. @returns undefined if it is not STUN, malformed, or has a wrong FINGERPRINT */
export function decodeStun(bytes: Buffer): StunMessage | undefined {
  if (bytes.length < STUN_HEADER_BYTES || bytes.length > MAX_STUN_BYTES) return undefined;
  const type = bytes.readUInt16BE(0);
  const whole = bytes.readUInt16BE(2) + STUN_HEADER_BYTES === bytes.length && bytes.length % 4 === 0;
  if (type > 0x3fff || !whole || bytes.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  const attributes = new Map<number, Buffer>();
  let integrityAt: number | undefined;
  let fingerprinted = false;
  for (let at = STUN_HEADER_BYTES; at < bytes.length; ) {
    const attribute = attributeAt(bytes, at);
    if (attribute === undefined || fingerprinted) return undefined;
    if (attribute.type === STUN_ATTRIBUTE.fingerprint) {
      if (!isFingerprintRight(bytes, at, attribute.value)) return undefined;
      fingerprinted = true;
    } else if (integrityAt === undefined) {
      if (attribute.type === STUN_ATTRIBUTE.messageIntegrity) integrityAt = at;
      if (!attributes.has(attribute.type)) attributes.set(attribute.type, attribute.value);
    }
    at += ATTRIBUTE_HEADER_BYTES + padded(attribute.value.length);
  }
  const transactionId = bytes.toString('hex', 8, STUN_HEADER_BYTES);
  return { type, transactionId, attributes, fingerprinted, bytes, integrityAt };
}

/** Whether MESSAGE-INTEGRITY is there and made with this key (RFC 8489 section 14.5). */
export function hasIntegrity({ bytes, attributes, integrityAt }: StunMessage, key: string | Buffer): boolean {
  const value = attributes.get(STUN_ATTRIBUTE.messageIntegrity);
  if (integrityAt === undefined || value?.length !== INTEGRITY_BYTES) return false;
  return timingSafeEqual(value, integrity(bytes.subarray(0, integrityAt), key));
}

/** A message, signed with `key` if there is one, and with a FINGERPRINT. */
export function encodeStun(
  type: number,
  transactionId: string,
  attributes: readonly StunAttribute[],
  key?: string | Buffer,
): Buffer {
  const header = Buffer.alloc(STUN_HEADER_BYTES);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  header.write(transactionId, 8, 'hex');
  let bytes = Buffer.concat([header, ...attributes.map(encodeAttribute)]);
  if (key !== undefined) {
    const value = integrity(bytes, key);
    bytes = Buffer.concat([bytes, encodeAttribute({ type: STUN_ATTRIBUTE.messageIntegrity, value })]);
  }
  const value = Buffer.alloc(FINGERPRINT_BYTES);
  value.writeUInt32BE(fingerprint(bytes), 0);
  bytes = Buffer.concat([bytes, encodeAttribute({ type: STUN_ATTRIBUTE.fingerprint, value })]);
  bytes.writeUInt16BE(bytes.length - STUN_HEADER_BYTES, 2);
  return bytes;
}

/** An attribute that holds an unsigned 32-bit number. */
export function uint32Attribute(type: number, value: number): StunAttribute {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0, 0);
  return { type, value: bytes };
}

function attributeAt(bytes: Buffer, at: number): StunAttribute | undefined {
  if (at + ATTRIBUTE_HEADER_BYTES > bytes.length) return undefined;
  const end = at + ATTRIBUTE_HEADER_BYTES + bytes.readUInt16BE(at + 2);
  if (end > bytes.length) return undefined;
  return { type: bytes.readUInt16BE(at), value: bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, end) };
}

function encodeAttribute({ type, value }: StunAttribute): Buffer {
  const bytes = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + padded(value.length));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** The length in the header counts up to and with the attribute that is being made (RFC 8489 sections 14.5, 14.7). */
function withLength(before: Buffer, attributeBytes: number): Buffer {
  const copy = Buffer.from(before);
  copy.writeUInt16BE(before.length - STUN_HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + attributeBytes, 2);
  return copy;
}

function integrity(before: Buffer, key: string | Buffer): Buffer {
  return createHmac('sha1', key).update(withLength(before, INTEGRITY_BYTES)).digest();
}

function fingerprint(before: Buffer): number {
  return (crc32(withLength(before, FINGERPRINT_BYTES)) ^ FINGERPRINT_XOR) >>> 0;
}

function isFingerprintRight(bytes: Buffer, at: number, value: Buffer): boolean {
  return value.length === FINGERPRINT_BYTES && value.readUInt32BE(0) === fingerprint(bytes.subarray(0, at));
}
