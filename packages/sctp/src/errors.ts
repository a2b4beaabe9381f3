/**
 * `violation`: the far end sent what no correct peer sends. `aborted`: it ended the association. `closed`: there is
 * no association to send on.
 */
export type SctpErrorCode = 'violation' | 'aborted' | 'closed';

/** Any failure of an SCTP association. */
export class SctpError extends Error {
  override readonly name = 'SctpError';
  readonly code: SctpErrorCode;

  constructor(code: SctpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
