/**
 * STUN messages (RFC 8489): codec, MESSAGE-INTEGRITY, FINGERPRINT, mapped addresses.
 *
 * @packageDocumentation
 */
export * from './constants.ts';
export * from './message.ts';
export { type PacketKind, packetKind, transactionKey } from './packet-kind.ts';
export { decodeXorAddress, encodeXorAddress } from './xor-address.ts';
