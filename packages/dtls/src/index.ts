export { DtlsEndpoint, type DtlsRole } from './endpoint.ts';
export { DtlsError } from './errors.ts';
export { certificateHash, type DtlsIdentity } from './handshake.ts';
