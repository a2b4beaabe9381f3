/**
 * STUN messages (RFC 8489): codec, MESSAGE-INTEGRITY, FINGERPRINT, mapped addresses.
 *
 * @packageDocumentation
 */
export {
  MAGIC_COOKIE,
  MAX_STUN_BYTES,
  STUN_ATTRIBUTE,
  STUN_CLASS,
  STUN_HEADER_BYTES,
  STUN_METHOD,
} from './constants.ts';
export {
  decodeStun,
  encodeStun,
  hasIntegrity,
  newTransactionId,
  type StunAttribute,
  type StunMessage,
  uint32Attribute,
} from './message.ts';
export { type PacketKind, packetKind, transactionKey } from './packet-kind.ts';
export { decodeXorAddress, encodeXorAddress } from './xor-address.ts';
