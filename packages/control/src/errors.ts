import { ERROR_EDGES, type ErrorEdge } from '@ouro/signaling';

/** The one table of what can go wrong on a control channel: code -> HTTP status, WebSocket close code, exit code, retryable. */
export const CONTROL_ERROR_EDGES = {
  /** The far end answered no; `message` holds its words. */
  nack: { http: 422, webSocket: 4422, exit: 69, retryable: false },
  /** No answer, or no room on the channel, in time. */
  timeout: ERROR_EDGES.timeout,
  /** The channel is closed or was closed while waiting. */
  closed: ERROR_EDGES.lost,
  /** The far end sent something that is not a message, or arguments that do not fit the command. */
  'bad-message': ERROR_EDGES['bad-message'],
  /** A message over `MAX_CONTROL_MESSAGE_BYTES`, in or out. */
  oversize: ERROR_EDGES.oversize,
  /** A cap of waiting things is reached. */
  busy: ERROR_EDGES['too-many'],
  /** The caller's signal fired. */
  aborted: ERROR_EDGES.aborted,
} as const satisfies Record<string, ErrorEdge>;

/** The closed set of codes. */
export type ControlErrorCode = keyof typeof CONTROL_ERROR_EDGES;

/** Any failure of this package. Its text never holds what a message carried. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** How this error shows at the edges. */
  get edge(): ErrorEdge {
    return CONTROL_ERROR_EDGES[this.code];
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
