import { SignalingError } from '@ouro/signaling';

/** How an error of the SSH transport shows itself at the edge of a program. */
export interface SshErrorEdge {
  /** Exit code, after sysexits(3). */
  readonly exit: number;
  /** Whether the same try, made again later without a change, may succeed. */
  readonly retryable: boolean;
}

/** The one table of what can go wrong on the SSH transport: code -> exit code, retryable. */
export const SSH_ERROR_EDGES = {
  'bad-target': { exit: 64, retryable: false },
  'bad-config': { exit: 78, retryable: false },
  'unknown-host': { exit: 68, retryable: false },
  refused: { exit: 69, retryable: true },
  timeout: { exit: 75, retryable: true },
  'auth-failed': { exit: 77, retryable: false },
  'host-key-unknown': { exit: 76, retryable: false },
  'host-key-changed': { exit: 76, retryable: false },
  'host-key-revoked': { exit: 76, retryable: false },
  'no-agent': { exit: 69, retryable: false },
  unsupported: { exit: 69, retryable: false },
  protocol: { exit: 76, retryable: false },
  lost: { exit: 69, retryable: true },
  closed: { exit: 69, retryable: false },
  aborted: { exit: 130, retryable: false },
} as const satisfies Record<string, SshErrorEdge>;

/** The closed set of codes. */
export type SshErrorCode = keyof typeof SSH_ERROR_EDGES;

/**
 * Any failure of an SSH connection. `no-agent` = the host has neither `ouro-agent` nor `webexec`;
 * an ssh-agent that cannot be reached is no failure of its own. The message never holds a key or password.
 */
export class SshError extends Error {
  override readonly name = 'SshError';
  readonly code: SshErrorCode;

  constructor(code: SshErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** How this error shows at the edges. */
  get edge(): SshErrorEdge {
    return SSH_ERROR_EDGES[this.code];
  }
}

/** An AbortSignal's reason as SshError: `timeout` when it came from `AbortSignal.timeout`, else `aborted`. */
export const abortReason = (reason: unknown): SshError => {
  if (reason instanceof SshError) return reason;
  const { code, message } = SignalingError.from(reason);
  return new SshError(code === 'timeout' ? 'timeout' : 'aborted', message, { cause: reason });
};
