import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { VALID_YEARS } from './constants.ts';

/** What goes into a new certificate. */
export interface CertificateInit {
  /** ECDSA P-256. */
  readonly privateKey: KeyObject;
  /** Start of its validity; it ends ten years later. */
  readonly notBefore: Date;
  /** 16 random bytes. */
  readonly serial: Uint8Array;
  /** Issuer and subject; shown by tools, checked by nobody. */
  readonly commonName: string;
}

/**
 * A self-signed X.509 v3 certificate (RFC 5280 section 4.1) for DTLS, in DER. There is one fixed template with
 * five fields to fill, so it is written out here; X.509 libraries for Node bring a dozen packages and a global
 * polyfill for it.
 */
export function selfSignedCertificate(init: CertificateInit): Buffer {
  const signed = toBeSigned(init);
  const signature = sign('sha256', signed, init.privateKey);
  return sequence(signed, ECDSA_WITH_SHA256, der(0x03, Buffer.of(0), signature));
}

function toBeSigned(init: CertificateInit): Buffer {
  const notAfter = new Date(init.notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  const publicKey = createPublicKey(init.privateKey).export({ type: 'spki', format: 'der' });
  const version3 = der(0xa0, der(0x02, Buffer.of(2)));
  const name = distinguishedName(init.commonName);
  return sequence(
    version3,
    positiveInteger(init.serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(init.notBefore), time(notAfter)),
    name,
    publicKey,
    der(0xa3, sequence(subjectKeyIdentifier(publicKey))),
  );
}

/** One DER element: tag, length, content. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const short = 0x80;
  if (body.length < short) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const long = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...long), body]);
}

function sequence(...content: Uint8Array[]): Buffer {
  return der(0x30, ...content);
}

/** An INTEGER that is positive and of the shortest form: its first bits are set to 01. */
function positiveInteger(bytes: Uint8Array): Buffer {
  const content = Buffer.from(bytes);
  content[0] = ((content[0] ?? 0) & 0x7f) | 0x40;
  return der(0x02, content);
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). */
function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const utc = date.getUTCFullYear() < 2050;
  return der(utc ? 0x17 : 0x18, Buffer.from(utc ? text.slice(2) : text));
}

function distinguishedName(commonName: string): Buffer {
  const oid = Buffer.from([0x06, 3, 0x55, 0x04, 0x03]);
  return sequence(der(0x31, sequence(oid, der(0x0c, Buffer.from(commonName)))));
}

function subjectKeyIdentifier(publicKey: Uint8Array): Buffer {
  const oid = Buffer.from([0x06, 3, 0x55, 0x1d, 0x0e]);
  const identifier = createHash('sha256').update(publicKey).digest().subarray(0, 20);
  return sequence(oid, der(0x04, der(0x04, identifier)));
}

/** AlgorithmIdentifier 1.2.840.10045.4.3.2 (RFC 5758 section 3.2). */
const ECDSA_WITH_SHA256 = sequence(Buffer.from([0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
