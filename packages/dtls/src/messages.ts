import {
  CERTIFICATE_TYPE,
  DTLS_1_2,
  EXTENSION,
  NAMED_CURVE,
  NULL_COMPRESSION,
  RANDOM_BYTES,
  SECP256R1,
  SIGNATURE_SCHEME,
  SRTP_PROFILES,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  UNCOMPRESSED_POINT,
} from './constants.ts';
import { Reader, uint, uints, vector } from './wire.ts';

/** Extensions by type; the first of each type counts. */
export type Extensions = ReadonlyMap<number, Buffer>;

/** RFC 6347 section 4.2.1. */
export interface ClientHello {
  readonly version: number;
  readonly random: Buffer;
  readonly cookie: Buffer;
  readonly suites: readonly number[];
  readonly compressions: readonly number[];
  readonly extensions: Extensions;
}

/** RFC 5246 section 7.4.1.3. */
export interface ServerHello {
  readonly version: number;
  readonly random: Buffer;
  readonly suite: number;
  readonly compression: number;
  readonly extensions: Extensions;
}

/** RFC 8422 section 5.4: `params` is what is signed, after both randoms. */
export interface ServerKeyExchange {
  readonly params: Buffer;
  readonly curveType: number;
  readonly curve: number;
  readonly publicKey: Buffer;
  readonly scheme: number;
  readonly signature: Buffer;
}

/** RFC 5246 section 7.4.8. */
export interface CertificateVerify {
  readonly scheme: number;
  readonly signature: Buffer;
}

const extension = (type: number, ...data: Buffer[]): Buffer =>
  Buffer.concat([uint(type, 2), vector(2, ...data)]);

const POINT_FORMATS = extension(EXTENSION.ecPointFormats, uints(1, 1, [UNCOMPRESSED_POINT]));
const EXTENDED_MASTER_SECRET = extension(EXTENSION.extendedMasterSecret);
const RENEGOTIATION_INFO = extension(EXTENSION.renegotiationInfo, vector(1));

/** Our ClientHello; `cookie` is empty the first time. */
export function encodeClientHello(random: Buffer, cookie: Buffer): Buffer {
  return Buffer.concat([
    uint(DTLS_1_2, 2),
    random,
    vector(1),
    vector(1, cookie),
    uints(2, 2, [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]),
    uints(1, 1, [NULL_COMPRESSION]),
    vector(
      2,
      extension(EXTENSION.supportedGroups, uints(2, 2, [SECP256R1])),
      POINT_FORMATS,
      extension(EXTENSION.signatureAlgorithms, uints(2, 2, [SIGNATURE_SCHEME.ecdsaSha256])),
      srtpExtension(SRTP_PROFILES),
      EXTENDED_MASTER_SECRET,
      RENEGOTIATION_INFO,
    ),
  ]);
}

/** @throws DtlsError `decode` */
export function decodeClientHello(body: Buffer): ClientHello {
  const reader = new Reader(body);
  const version = reader.uint(2);
  const random = reader.take(RANDOM_BYTES);
  reader.vector(1);
  const cookie = reader.vector(1);
  const suites = reader.uints(2, 2);
  const compressions = reader.uints(1, 1);
  return { version, random, cookie, suites, compressions, extensions: decodeExtensions(reader) };
}

/** What a ServerHello grants of what the client asked for. */
export interface Grants {
  /** RFC 5746 section 3.6. */
  readonly secureRenegotiation: boolean;
  readonly srtpProfile: number | undefined;
}

/** Our ServerHello. */
export function encodeServerHello(random: Buffer, { secureRenegotiation, srtpProfile }: Grants): Buffer {
  return Buffer.concat([
    uint(DTLS_1_2, 2),
    random,
    vector(1),
    uint(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 2),
    uint(NULL_COMPRESSION, 1),
    vector(
      2,
      POINT_FORMATS,
      EXTENDED_MASTER_SECRET,
      ...(srtpProfile === undefined ? [] : [srtpExtension([srtpProfile])]),
      ...(secureRenegotiation ? [RENEGOTIATION_INFO] : []),
    ),
  ]);
}

/** The SRTP profile to grant to a client that sent this extension. @throws DtlsError `decode` */
export function chooseSrtpProfile(useSrtp: Buffer | undefined): number | undefined {
  if (useSrtp === undefined) return undefined;
  const offered = new Reader(useSrtp).uints(2, 2);
  return SRTP_PROFILES.find((profile) => offered.includes(profile));
}

/** @throws DtlsError `decode` */
export function decodeServerHello(body: Buffer): ServerHello {
  const reader = new Reader(body);
  const version = reader.uint(2);
  const random = reader.take(RANDOM_BYTES);
  reader.vector(1);
  const suite = reader.uint(2);
  const compression = reader.uint(1);
  return { version, random, suite, compression, extensions: decodeExtensions(reader) };
}

/** The cookie that a server wants to see again (RFC 6347 section 4.2.1). @throws DtlsError `decode` */
export function decodeHelloVerifyRequest(body: Buffer): Buffer {
  const reader = new Reader(body);
  reader.uint(2);
  const cookie = reader.vector(1);
  reader.end();
  return cookie;
}

/** One certificate, in DER. */
export function encodeCertificate(der: Buffer): Buffer {
  return vector(3, vector(3, der));
}

/** The end entity's certificate in DER, undefined if there is none. @throws DtlsError `decode` */
export function decodeCertificate(body: Buffer): Buffer | undefined {
  const outer = new Reader(body);
  const list = new Reader(outer.vector(3));
  outer.end();
  return list.left > 0 ? list.vector(3) : undefined;
}

/** The parameters of an ECDHE share on P-256, as they are signed (RFC 8422 section 5.4). */
export function encodeServerParams(publicKey: Buffer): Buffer {
  return Buffer.concat([uint(NAMED_CURVE, 1), uint(SECP256R1, 2), vector(1, publicKey)]);
}

export function encodeServerKeyExchange(params: Buffer, signature: Buffer): Buffer {
  return Buffer.concat([params, encodeSigned(SIGNATURE_SCHEME.ecdsaSha256, signature)]);
}

/** @throws DtlsError `decode` */
export function decodeServerKeyExchange(body: Buffer): ServerKeyExchange {
  const reader = new Reader(body);
  const curveType = reader.uint(1);
  const curve = reader.uint(2);
  const publicKey = reader.vector(1);
  const params = body.subarray(0, body.length - reader.left);
  return { params, curveType, curve, publicKey, ...decodeSigned(reader) };
}

/** Asks for a certificate of any of the kinds that WebRTC peers have, from nobody in particular. */
export function encodeCertificateRequest(): Buffer {
  return Buffer.concat([
    uints(1, 1, [CERTIFICATE_TYPE.ecdsaSign, CERTIFICATE_TYPE.rsaSign]),
    uints(2, 2, [SIGNATURE_SCHEME.ecdsaSha256, SIGNATURE_SCHEME.rsaPkcs1Sha256]),
    vector(2),
  ]);
}

/** The signature schemes that a CertificateRequest takes. @throws DtlsError `decode` */
export function decodeCertificateRequest(body: Buffer): number[] {
  const reader = new Reader(body);
  reader.vector(1);
  const schemes = reader.uints(2, 2);
  reader.vector(2);
  reader.end();
  return schemes;
}

export function encodeClientKeyExchange(publicKey: Buffer): Buffer {
  return vector(1, publicKey);
}

/** The client's point. @throws DtlsError `decode` */
export function decodeClientKeyExchange(body: Buffer): Buffer {
  const reader = new Reader(body);
  const publicKey = reader.vector(1);
  reader.end();
  return publicKey;
}

export function encodeCertificateVerify(signature: Buffer): Buffer {
  return encodeSigned(SIGNATURE_SCHEME.ecdsaSha256, signature);
}

/** @throws DtlsError `decode` */
export function decodeCertificateVerify(body: Buffer): CertificateVerify {
  return decodeSigned(new Reader(body));
}

function srtpExtension(profiles: readonly number[]): Buffer {
  return extension(EXTENSION.useSrtp, uints(2, 2, profiles), vector(1));
}

function encodeSigned(scheme: number, signature: Buffer): Buffer {
  return Buffer.concat([uint(scheme, 2), vector(2, signature)]);
}

function decodeSigned(reader: Reader): CertificateVerify {
  const scheme = reader.uint(2);
  const signature = reader.vector(2);
  reader.end();
  return { scheme, signature };
}

function decodeExtensions(reader: Reader): Extensions {
  const found = new Map<number, Buffer>();
  if (reader.left === 0) return found;
  const list = new Reader(reader.vector(2));
  reader.end();
  while (list.left > 0) {
    const type = list.uint(2);
    const data = list.vector(2);
    if (!found.has(type)) found.set(type, data);
  }
  return found;
}
