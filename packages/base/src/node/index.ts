export { canonicalAddress, isAddress, sameAddress, type TransportAddress, withoutZone } from './address.ts';
export { type ByteDuplex, duplexFromStreams, type EndReason } from './byte-duplex.ts';
