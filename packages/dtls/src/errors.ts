import { ALERT } from './constants.ts';

/** What of DTLS can fail, and the alert (RFC 5246 section 7.2) that tells the far end. */
const ALERTS = {
  /** The message cannot be read. */
  decode: ALERT.decodeError,
  /** The message does not belong here. */
  unexpected: ALERT.unexpectedMessage,
  /** No common version. */
  version: ALERT.protocolVersion,
  /** No common suite, curve, signature or extension. */
  'no-overlap': ALERT.handshakeFailure,
  /** A value that no correct peer sends. */
  'illegal-value': ALERT.illegalParameter,
  /** The certificate is not the announced one, or cannot be used. */
  'bad-certificate': ALERT.badCertificate,
  /** A signature or Finished does not fit: the far end lacks the key, or somebody changed the handshake. */
  'bad-proof': ALERT.decryptError,
  /** The far end gave up and said so. */
  alert: undefined,
  /** The far end does not answer. */
  timeout: undefined,
  internal: ALERT.internalError,
} as const;

/** The closed set of codes. */
export type DtlsErrorCode = keyof typeof ALERTS;

/** Any failure of a DTLS association. */
export class DtlsError extends Error {
  override readonly name = 'DtlsError';
  readonly code: DtlsErrorCode;

  constructor(code: DtlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The alert to send, if any. */
  get alert(): number | undefined {
    return ALERTS[this.code];
  }

  /** Any thrown thing as a DtlsError. */
  static from(thrown: unknown): DtlsError {
    if (thrown instanceof DtlsError) return thrown;
    return new DtlsError('internal', 'The DTLS handshake met an inner fault', { cause: thrown });
  }
}
