export { DtlsEndpoint, type DtlsOptions, type DtlsRole } from './endpoint.ts';
export { DtlsError, type DtlsErrorCode } from './errors.ts';
export { certificateHash, type DtlsIdentity } from './handshake.ts';
