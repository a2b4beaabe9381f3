/**
 * DTLS 1.2 with certificates on both sides (RFC 6347, RFC 8827), for WebRTC.
 *
 * @packageDocumentation
 */
export { DtlsEndpoint, type DtlsOptions, type DtlsRole } from './endpoint.ts';
export { DtlsError } from './errors.ts';
export { certificateHash, type DtlsIdentity } from './handshake.ts';
