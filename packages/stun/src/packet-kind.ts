import { MAGIC_COOKIE, STUN_HEADER_BYTES } from './constants.ts';

/** What a packet is on its face; nothing about it is proven. */
export type PacketKind = 'request' | 'indication' | 'response' | 'data';

/** RFC 7983 section 7: STUN begins with 0 to 3. */
const LAST_STUN_BYTE = 3;
const CLASS_BITS = 0x0110;
const INDICATION = 0x0010;

/** Tells STUN from the rest, and requests from responses (RFC 8489 section 5). */
export function packetKind(packet: Buffer): PacketKind {
  if (!isStun(packet)) return 'data';
  const bits = packet.readUInt16BE(0) & CLASS_BITS;
  if (bits === 0) return 'request';
  return bits === INDICATION ? 'indication' : 'response';
}

/** The transaction of a STUN message, as a key of maps. */
export function transactionKey(packet: Buffer): string {
  return packet.toString('latin1', 8, STUN_HEADER_BYTES);
}

function isStun(packet: Buffer): boolean {
  return (
    packet.length >= STUN_HEADER_BYTES &&
    packet.readUInt8(0) <= LAST_STUN_BYTE &&
    packet.readUInt32BE(4) === MAGIC_COOKIE
  );
}
