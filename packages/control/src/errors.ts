/** What can go wrong on a channel, closed set. */
export type ControlErrorCode =
  /** The far end answered no; `message` holds its words. */
  | 'nack'
  /** No answer, or no room on the channel, in time. */
  | 'timeout'
  /** The channel is closed or was closed while waiting. */
  | 'closed'
  /** The far end sent something that is not a message, or arguments that do not fit the command. */
  | 'bad-message'
  /** A message over `MAX_CONTROL_MESSAGE_BYTES`, in or out. */
  | 'oversize'
  /** A cap of waiting things is reached. */
  | 'busy'
  /** The caller's signal fired. */
  | 'aborted';

/** Any failure of this package. Its text never holds what a message carried. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Any thrown thing as a ControlError: itself; the reason of an AbortSignal as `aborted` or `timeout`; else `closed`. */
  static from(thrown: unknown): ControlError {
    if (thrown instanceof ControlError) return thrown;
    const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';
    if (name === 'TimeoutError') return new ControlError('timeout', 'It took too long', { cause: thrown });
    if (name === 'AbortError') return new ControlError('aborted', 'It was cancelled', { cause: thrown });
    return new ControlError('closed', 'The channel failed', { cause: thrown });
  }
}
