import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fingerprint } from '../src/index.ts';

/** A directory that is gone after the test. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: (name: string) => string }> {
  const directory = await mkdtemp(join(tmpdir(), 'ouro-fingerprint-'));
  return {
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A PEM block as Go's encoding/pem writes it: lines of 64 characters, each with its end. */
const goPem = (label: string, bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
};

/** An identity as pion's `Certificate.PEM()` writes it: what is in the certificate's block is base64 text, not DER. */
export function pionPem(identity: { certificatePem: string; privateKeyPem: string }): string {
  const { raw } = new X509Certificate(identity.certificatePem);
  const key = createPrivateKey(identity.privateKeyPem).export({ type: 'pkcs8', format: 'der' });
  return goPem('CERTIFICATE', Buffer.from(raw.toString('base64'))) + goPem('PRIVATE KEY', key);
}

/** A fingerprint that is all one byte. */
export function fingerprintOf(byte: number): Fingerprint {
  return Fingerprint.parse(byte.toString(16).padStart(2, '0').repeat(32));
}

/** What an Authorizer is asked with when the transport knows nothing. */
export const stranger = { remote: { kind: 'none' } } as const;

/** A signal that never fires. */
export function never(): { signal: AbortSignal } {
  return { signal: new AbortController().signal };
}
