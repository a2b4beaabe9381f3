import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Identity } from '@ouro/fingerprint';
import type { DtlsIdentity } from '../../src/index.ts';

/** A fresh ECDSA P-256 certificate and its key. */
export async function dtlsIdentity(): Promise<DtlsIdentity> {
  return asDtlsIdentity(await Identity.generate());
}

function asDtlsIdentity({ certificatePem, privateKeyPem }: Identity): DtlsIdentity {
  return {
    certificate: new X509Certificate(certificatePem).raw,
    privateKey: createPrivateKey(privateKeyPem),
  };
}
