import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { FingerprintError } from './errors.ts';

/** The two halves of an identity, as the file has them. */
export interface IdentityPem {
  /** The whole text, its certificate in the plain form. */
  readonly text: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** The certificate's bytes. */
  readonly der: Buffer;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s]*?-----END \1-----(?:\r?\n)?/g;
/** The first byte of a certificate's DER: a SEQUENCE. */
const DER_SEQUENCE = 0x30;
/** What a PEM text can call an EC key that is not a plain PKCS#8 one. */
const OTHER_KEY = /-----BEGIN ((?:[A-Z0-9]+ )+PRIVATE KEY)-----/;

/**
 * Reads the text of an identity file: one certificate and one PKCS#8 ECDSA P-256 key, in either order (webexec's
 * `certnkey.pem` is one, in the form of pion's `Certificate.PEM()` or the plain one). `path` is for messages only.
 * @throws FingerprintError `malformed`, `unsupported-key`, `key-mismatch`
 */
export function parseIdentityPem(written: string, path: string): IdentityPem {
  const text = written.replaceAll(BLOCK, (block, label) => (label === 'CERTIFICATE' ? plain(block) : block));
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
  return { text, certificatePem, privateKeyPem, der: certificate.raw };
}

/** A certificate's DER as a PEM block (RFC 7468). */
export function toCertificatePem(der: Buffer): string {
  const base64 = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`;
}

/** pion puts the base64 text of the DER, not the DER, into the block; such a block as a plain one, any other as it is. */
function plain(block: string): string {
  const content = decodeBlock(block);
  if (content[0] === DER_SEQUENCE) return block;
  const der = Buffer.from(content.toString('latin1'), 'base64');
  return der[0] === DER_SEQUENCE ? toCertificatePem(der) : block;
}

function decodeBlock(block: string): Buffer {
  return Buffer.from(block.replaceAll(/-----[^-]*-----/g, ''), 'base64');
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
