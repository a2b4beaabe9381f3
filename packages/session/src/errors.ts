/** What can go wrong in a session, closed set. */
export type SessionErrorCode =
  /** The far end refused; the message holds its words. */
  | 'refused'
  /** The process of the pane has ended already: see `exit`. */
  | 'exited'
  | 'timeout'
  /** This end closed it. */
  | 'closed'
  /** The far end was ended in order, and said so. */
  | 'stopped'
  /** The connection went away under it. */
  | 'lost'
  /** The channel closed before all announced output had come. */
  | 'truncated'
  /** The far end does not know this command. */
  | 'unsupported'
  | 'bad-message'
  | 'oversize'
  /** A cap is reached. */
  | 'busy'
  /** The reader is too slow for a channel that cannot be paused. */
  | 'overflow'
  /** No such pane. */
  | 'not-found'
  /** The process could not be started. */
  | 'spawn-failed'
  /** No client is connected that could answer. */
  | 'no-client'
  | 'aborted';

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
}
