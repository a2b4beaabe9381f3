import { ERROR_EDGES, type ErrorEdge } from '@ouro/signaling';

/** A fault of the user's own files: sysexits EX_CONFIG towards the user, an internal error towards a far peer. */
const local = (exit: number): ErrorEdge => ({ http: 500, webSocket: 1011, exit, retryable: false });

/** The one table of what can go wrong with identities: code -> HTTP status, WebSocket close code, exit code, retryable. */
export const FINGERPRINT_ERROR_EDGES = {
  /** The text is not a SHA-256 fingerprint. */
  'bad-fingerprint': ERROR_EDGES['bad-sdp'],
  /** The bytes are not a certificate. */
  'bad-certificate': ERROR_EDGES['bad-message'],
  /** The session description has no fingerprint. */
  'no-fingerprint': ERROR_EDGES['bad-sdp'],
  /** It has fingerprints, none of them SHA-256. */
  'unsupported-hash': ERROR_EDGES['bad-sdp'],
  /** It has two SHA-256 fingerprints that differ. */
  'conflicting-fingerprints': ERROR_EDGES['bad-sdp'],
  /** Larger than the named cap. */
  oversize: ERROR_EDGES.oversize,
  /** The identity file does not exist (EX_NOINPUT). */
  'not-found': local(66),
  /** The identity file is not one certificate and one PKCS#8 key. */
  malformed: local(78),
  /** The key is not ECDSA P-256, or it is encrypted or in another form. */
  'unsupported-key': local(78),
  /** The key does not belong to the certificate. */
  'key-mismatch': local(78),
  /** Others can read or change a file that must be private. */
  permissions: local(78),
  /** There is an identity already, and it is not replaced (EX_CANTCREAT). */
  exists: local(73),
  /** A label has line ends or control characters, or is too long (EX_USAGE). */
  'bad-label': local(64),
  /** A bearer token is too short to be safe, too long, or looks like a fingerprint. */
  'bad-token': local(78),
  /** The file system refused (EX_IOERR). */
  io: local(74),
} as const satisfies Record<string, ErrorEdge>;

/** The closed set of codes. */
export type FingerprintErrorCode = keyof typeof FINGERPRINT_ERROR_EDGES;

/** Any failure with fingerprints, identities and lists of them. The message never holds a key or a token. */
export class FingerprintError extends Error {
  override readonly name = 'FingerprintError';
  readonly code: FingerprintErrorCode;

  constructor(code: FingerprintErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** How this error shows at the edges. */
  get edge(): ErrorEdge {
    return FINGERPRINT_ERROR_EDGES[this.code];
  }
}
