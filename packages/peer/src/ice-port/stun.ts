import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { STUN_COOKIE, STUN_HEADER_BYTES } from './constants.ts';

const ATTRIBUTE = { username: 0x0006, messageIntegrity: 0x0008, fingerprint: 0x8028 };
const ATTRIBUTE_HEADER_BYTES = 4;
const INTEGRITY_BYTES = 20;
const FINGERPRINT_BYTES = 4;
/** RFC 8489 section 14.7. */
const FINGERPRINT_XOR = 0x5354554e;
const BINDING_REQUEST = 0x0001;
const CLASS_MASK = 0x0110;

/** What a STUN message is (RFC 8489 section 5). */
export type StunClass = 'request' | 'indication' | 'success' | 'error';

/** A Binding request that carries all that ICE asks for; nothing about it is proven yet. */
export interface BindingRequest {
  /** The receiver's own ufrag: the part of USERNAME before the colon (RFC 8445 section 7.2.2). */
  readonly localUfrag: string;
  /** Where MESSAGE-INTEGRITY begins. */
  readonly integrityAt: number;
}

/** Whether a packet is STUN: first two bits zero, the cookie, and a length of whole words that is its own. */
export function isStun(packet: Buffer): boolean {
  return (
    packet.length >= STUN_HEADER_BYTES &&
    packet.readUInt8(0) < 4 &&
    packet.readUInt32BE(4) === STUN_COOKIE &&
    packet.readUInt16BE(2) === packet.length - STUN_HEADER_BYTES &&
    packet.length % 4 === 0
  );
}

const CLASSES: Record<number, StunClass> = { 0: 'request', 16: 'indication', 256: 'success', 272: 'error' };

/** The class of a packet for which `isStun` holds. */
export function stunClass(packet: Buffer): StunClass {
  return CLASSES[packet.readUInt16BE(0) & CLASS_MASK] ?? 'error';
}

/** The transaction of a packet for which `isStun` holds, as a key of maps. */
export function transactionKey(packet: Buffer): string {
  return packet.toString('latin1', 8, STUN_HEADER_BYTES);
}

/** Where the attributes of the first occurrence stand, or undefined when their lengths do not fit the packet. */
function attributes(packet: Buffer): Map<number, number> | undefined {
  const found = new Map<number, number>();
  let at = STUN_HEADER_BYTES;
  while (at < packet.length) {
    const type = packet.readUInt16BE(at);
    const length = packet.readUInt16BE(at + 2);
    const next = at + ATTRIBUTE_HEADER_BYTES + ((length + 3) & ~3);
    if (next > packet.length) return undefined;
    // What follows MESSAGE-INTEGRITY is not covered by it and counts for nothing (RFC 8489 section 14.5).
    const covered = !found.has(ATTRIBUTE.messageIntegrity) || type === ATTRIBUTE.fingerprint;
    if (covered && !found.has(type)) found.set(type, at);
    at = next;
  }
  return found;
}

function endsWithFingerprint(packet: Buffer, at: number | undefined): boolean {
  if (at === undefined || at + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES !== packet.length) return false;
  if (packet.readUInt16BE(at + 2) !== FINGERPRINT_BYTES) return false;
  const expected = (crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0;
  return packet.readUInt32BE(at + ATTRIBUTE_HEADER_BYTES) === expected;
}

/** Where MESSAGE-INTEGRITY begins when the packet has it and ends with a right FINGERPRINT. */
function integrityOf(packet: Buffer, found: Map<number, number>): number | undefined {
  const at = found.get(ATTRIBUTE.messageIntegrity);
  if (at === undefined || packet.readUInt16BE(at + 2) !== INTEGRITY_BYTES) return undefined;
  return endsWithFingerprint(packet, found.get(ATTRIBUTE.fingerprint)) ? at : undefined;
}

/** Reads a packet for which `isStun` holds; undefined when it is not a whole Binding request of ICE. */
export function readBindingRequest(packet: Buffer): BindingRequest | undefined {
  if (packet.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  const found = attributes(packet);
  const username = found?.get(ATTRIBUTE.username);
  if (found === undefined || username === undefined) return undefined;
  const integrityAt = integrityOf(packet, found);
  if (integrityAt === undefined || username > integrityAt) return undefined;
  const from = username + ATTRIBUTE_HEADER_BYTES;
  const text = packet.toString('latin1', from, from + packet.readUInt16BE(username + 2));
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { localUfrag: text.slice(0, colon), integrityAt };
}

/** Whether MESSAGE-INTEGRITY at `integrityAt` was made with `password`. Takes the same time for every wrong value. */
export function integrityHolds(packet: Buffer, integrityAt: number, password: string): boolean {
  const header = Buffer.from(packet.subarray(0, STUN_HEADER_BYTES));
  const covered = integrityAt + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES;
  header.writeUInt16BE(covered - STUN_HEADER_BYTES, 2);
  const mac = createHmac('sha1', password)
    .update(header)
    .update(packet.subarray(STUN_HEADER_BYTES, integrityAt))
    .digest();
  return timingSafeEqual(mac, packet.subarray(integrityAt + ATTRIBUTE_HEADER_BYTES, covered));
}

/** Whether a response for which `isStun` holds was made with `password`. */
export function responseHolds(packet: Buffer, password: string): boolean {
  const found = attributes(packet);
  const at = found?.get(ATTRIBUTE.messageIntegrity);
  if (at === undefined || packet.readUInt16BE(at + 2) !== INTEGRITY_BYTES) return false;
  return integrityHolds(packet, at, password);
}
