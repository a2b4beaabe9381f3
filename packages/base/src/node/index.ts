/**
 * What every part of Ouro stands on that runs in Node alone.
 *
 * @packageDocumentation
 */
export { canonicalAddress, isAddress, sameAddress, type TransportAddress, withoutZone } from './address.ts';
export { type ByteDuplex, duplexFromStreams, type EndReason } from './byte-duplex.ts';
export { runtimeOf, systemRandom } from './runtime.ts';
export { systemCode } from './system-code.ts';
