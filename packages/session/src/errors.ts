import { ERROR_EDGES, type ErrorEdge } from '@ouro/signaling';

/** The one table of what can go wrong in a session: code -> HTTP status, WebSocket close code, exit code, retryable. */
export const SESSION_ERROR_EDGES = {
  /** The far end refused; the message holds its words. */
  refused: { http: 422, webSocket: 4422, exit: 69, retryable: false },
  /** The process of the pane has ended already: see `exit`. */
  exited: { http: 410, webSocket: 4410, exit: 69, retryable: false },
  timeout: ERROR_EDGES.timeout,
  /** This end closed it. */
  closed: ERROR_EDGES.closed,
  /** The far end was ended in order, and said so. */
  stopped: ERROR_EDGES.closed,
  /** The connection went away under it. */
  lost: ERROR_EDGES.lost,
  /** The channel closed before all announced output had come. */
  truncated: ERROR_EDGES.lost,
  /** The far end does not know this command, or channels of this purpose. */
  unsupported: { http: 501, webSocket: 4501, exit: 76, retryable: false },
  'bad-message': ERROR_EDGES['bad-message'],
  oversize: ERROR_EDGES.oversize,
  /** A cap is reached. */
  busy: ERROR_EDGES['too-many'],
  /** The reader is too slow for a channel that cannot be paused. */
  overflow: ERROR_EDGES['too-many'],
  /** No such pane. */
  'not-found': ERROR_EDGES['not-found'],
  /** The process could not be started; the exit code is the one shells give for it. */
  'spawn-failed': { http: 422, webSocket: 4423, exit: 127, retryable: false },
  /** No client is connected that could answer. */
  'no-client': ERROR_EDGES.unavailable,
  aborted: ERROR_EDGES.aborted,
} as const satisfies Record<string, ErrorEdge>;

/** The closed set of codes. */
export type SessionErrorCode = keyof typeof SESSION_ERROR_EDGES;

/** How a process ended: one of the two is null, both when it is not known. */
export interface ExitStatus {
  readonly code: number | null;
  /** With its `SIG`, as Node names it. */
  readonly signal: string | null;
}

/** Any failure of a session. Its text never holds terminal bytes, payloads or clipboards. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;
  /** With code `exited`: how, when it is known. */
  readonly exit: ExitStatus | undefined;

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions & { exit?: ExitStatus }) {
    super(message, options);
    this.code = code;
    this.exit = options?.exit;
  }

  /** How this error shows at the edges. */
  get edge(): ErrorEdge {
    return SESSION_ERROR_EDGES[this.code];
  }
}
