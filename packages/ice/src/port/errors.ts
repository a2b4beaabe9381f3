import { ERROR_EDGES, type ErrorEdge } from '@ouro/signaling';

/** A fault of the user's own set-up: a sysexits code towards them, an internal error towards a far peer. */
const local = (exit: number): ErrorEdge => ({ http: 500, webSocket: 1011, exit, retryable: false });

/** The one table of what can go wrong with the port: code -> HTTP status, WebSocket close code, exit code, retryable. */
export const ICE_PORT_ERROR_EDGES = {
  /** Another program has the port (EX_UNAVAILABLE). */
  'address-in-use': local(69),
  /** This machine does not have the address (EX_CONFIG). */
  'no-address': local(78),
  /** The system does not let this user have the port (EX_NOPERM). */
  permission: local(77),
  /** Any other refusal of the system (EX_OSERR). */
  io: local(71),
  /** The port, or the session on it, was closed. */
  closed: ERROR_EDGES.closed,
  /** A named cap is reached. */
  'too-many': ERROR_EDGES['too-many'],
  /** The ufrag is taken on this port, or not of the form that RFC 8839 section 5.4 asks for. */
  'bad-ufrag': local(70),
  /** A frame is longer than its cap. */
  oversize: ERROR_EDGES.oversize,
  /** The connection to the other end could not be made, or broke. */
  unreachable: ERROR_EDGES.lost,
} as const satisfies Record<string, ErrorEdge>;

/** The closed set of codes. */
export type IcePortErrorCode = keyof typeof ICE_PORT_ERROR_EDGES;

/** Any failure of the port. The message never holds a password. */
export class IcePortError extends Error {
  override readonly name = 'IcePortError';
  readonly code: IcePortErrorCode;

  constructor(code: IcePortErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** How this error shows at the edges. */
  get edge(): ErrorEdge {
    return ICE_PORT_ERROR_EDGES[this.code];
  }
}

const SYSTEM: Record<string, IcePortErrorCode> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'no-address',
  EACCES: 'permission',
  EPERM: 'permission',
};

const ADVICE: Partial<Record<IcePortErrorCode, string>> = {
  'address-in-use': 'Stop the program that has it, or choose another port',
  'no-address': 'Give an address of this machine',
  permission: 'Choose a port above 1023, or run with the right to bind it',
};

/** An error of the system at `what` (like `UDP 127.0.0.1:7777`) as an IcePortError. */
export function fromSystem(what: string, cause: unknown): IcePortError {
  if (cause instanceof IcePortError) return cause;
  const name = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const code = SYSTEM[name] ?? 'io';
  const advice = ADVICE[code] ?? 'Look at the system log';
  return new IcePortError(code, `${what} cannot be opened (${name}). ${advice}`, { cause });
}
