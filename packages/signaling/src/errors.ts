/** How an error shows itself at each edge of the house. */
export interface ErrorEdge {
  /** HTTP response status. */
  readonly http: number;
  /** WebSocket close code, one that an endpoint may send: of RFC 6455 section 7.4.1, or 4000-4999 our own. */
  readonly webSocket: number;
  /** Exit code of a program, after sysexits(3). */
  readonly exit: number;
  /** Whether the same try, made again later without a change, may succeed. */
  readonly retryable: boolean;
}

/** The one table of what can go wrong: code -> HTTP status, WebSocket close code, exit code, retryable. */
export const ERROR_EDGES = {
  'bad-message': { http: 400, webSocket: 4400, exit: 76, retryable: false },
  'bad-sdp': { http: 400, webSocket: 4401, exit: 76, retryable: false },
  'bad-candidate': { http: 400, webSocket: 4402, exit: 76, retryable: false },
  oversize: { http: 413, webSocket: 1009, exit: 76, retryable: false },
  'unsupported-media-type': { http: 415, webSocket: 1003, exit: 76, retryable: false },
  unprocessable: { http: 422, webSocket: 4422, exit: 76, retryable: false },
  'invalid-state': { http: 409, webSocket: 4409, exit: 70, retryable: false },
  unauthorized: { http: 401, webSocket: 4403, exit: 77, retryable: false },
  'fingerprint-mismatch': { http: 403, webSocket: 4404, exit: 77, retryable: false },
  'not-found': { http: 404, webSocket: 4405, exit: 69, retryable: false },
  'precondition-failed': { http: 412, webSocket: 4412, exit: 76, retryable: true },
  'precondition-required': { http: 428, webSocket: 4428, exit: 76, retryable: false },
  'too-many': { http: 429, webSocket: 4429, exit: 75, retryable: true },
  unavailable: { http: 503, webSocket: 1013, exit: 69, retryable: true },
  'unknown-host': { http: 502, webSocket: 4502, exit: 68, retryable: false },
  refused: { http: 502, webSocket: 4503, exit: 69, retryable: true },
  'ice-failed': { http: 504, webSocket: 4504, exit: 69, retryable: true },
  timeout: { http: 504, webSocket: 4408, exit: 75, retryable: true },
  closed: { http: 410, webSocket: 1000, exit: 69, retryable: true },
  lost: { http: 502, webSocket: 4505, exit: 69, retryable: true },
  aborted: { http: 499, webSocket: 4499, exit: 130, retryable: false },
  internal: { http: 500, webSocket: 1011, exit: 70, retryable: false },
} as const satisfies Record<string, ErrorEdge>;

/** The closed set of codes. */
export type SignalingErrorCode = keyof typeof ERROR_EDGES;

/** Any failure between two peers that are not connected yet. The message never holds an SDP, key or token. */
export class SignalingError extends Error {
  override readonly name = 'SignalingError';
  readonly code: SignalingErrorCode;

  constructor(code: SignalingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** How this error shows at the edges. */
  get edge(): ErrorEdge {
    return ERROR_EDGES[this.code];
  }

  /**
   * Any thrown thing as a SignalingError: itself; an AbortSignal's reason as `aborted`, or `timeout` when it
   * came from `AbortSignal.timeout`; anything else as `internal`.
   */
  static from(thrown: unknown): SignalingError {
    if (thrown instanceof SignalingError) return thrown;
    const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';
    if (name === 'TimeoutError') return new SignalingError('timeout', 'It took too long', { cause: thrown });
    if (name === 'AbortError') return new SignalingError('aborted', 'It was cancelled', { cause: thrown });
    const text = thrown instanceof Error ? thrown.message : 'Unknown failure';
    return new SignalingError('internal', text, { cause: thrown });
  }
}
