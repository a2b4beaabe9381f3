import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { FingerprintError } from './errors.ts';

/** The two halves of an identity, as the file has them. */
export interface IdentityPem {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** The certificate's bytes. */
  readonly der: Buffer;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s]*?-----END \1-----(?:\r?\n)?/g;
/** What a PEM text can call an EC key that is not a plain PKCS#8 one. */
const OTHER_KEY = /-----BEGIN ((?:[A-Z0-9]+ )+PRIVATE KEY)-----/;

/**
 * Reads the text of an identity file: one certificate and one PKCS#8 ECDSA P-256 key, in either order (webexec's
 * `certnkey.pem` is one). `path` is for messages only.
 * @throws FingerprintError `malformed`, `unsupported-key`, `key-mismatch`
 */
export function parseIdentityPem(text: string, path: string): IdentityPem {
  const other = OTHER_KEY.exec(text)?.[1];
  if (other !== undefined) throw unsupported(path, `its key is in the form "${other}"`);
  const certificatePem = only(text, 'CERTIFICATE', path);
  const privateKeyPem = only(text, 'PRIVATE KEY', path);
  const certificate = certificateOf(certificatePem, path);
  const key = keyOf(privateKeyPem, path);
  if (!certificate.checkPrivateKey(key)) {
    throw new FingerprintError(
      'key-mismatch',
      `The private key in ${path} does not belong to the certificate beside it; restore the file from a copy, or move it away to get a new identity`,
    );
  }
  return { certificatePem, privateKeyPem, der: certificate.raw };
}

/** The one PEM block with that label. */
function only(text: string, label: string, path: string): string {
  const blocks = [...text.matchAll(BLOCK)].filter((match) => match[1] === label).map((match) => match[0]);
  const block = blocks[0];
  if (block === undefined || blocks.length > 1) {
    throw malformed(path, `it holds ${blocks.length} PEM blocks "${label}" instead of one`);
  }
  return block;
}

function certificateOf(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw malformed(path, 'its certificate cannot be read', cause);
  }
}

function keyOf(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // The cause could quote the key.
    throw malformed(path, 'its private key cannot be read');
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== 'ec' || curve !== 'prime256v1') {
    throw unsupported(
      path,
      `its key is of the kind ${[key.asymmetricKeyType, curve].filter(Boolean).join(' ')}`,
    );
  }
  return key;
}

function malformed(path: string, why: string, cause?: unknown): FingerprintError {
  return new FingerprintError(
    'malformed',
    `${path} is not an identity file: ${why}; restore it from a copy, or move it away to get a new identity`,
    cause === undefined ? undefined : { cause },
  );
}

function unsupported(path: string, why: string): FingerprintError {
  return new FingerprintError(
    'unsupported-key',
    `The identity in ${path} cannot be used: ${why}; an unencrypted PKCS#8 key ("PRIVATE KEY") on the curve P-256 is needed`,
  );
}
