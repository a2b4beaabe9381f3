import { SignalingError, type SignalingErrorCode } from '@ouro/signaling';

type Failure = readonly [SignalingErrorCode, string];

const REFUSED: Failure = [
  'refused',
  'refused the connection: nothing listens there; check the port, and that the agent runs',
];
const UNKNOWN: Failure = ['unknown-host', 'is not known: check the name for a typing error'];
const SLOW: Failure = ['timeout', 'did not answer in time: check the address, or try again'];
const LOST: Failure = ['lost', 'closed the connection before it answered; try again'];
const NO_ROUTE: Failure = ['unavailable', 'cannot be reached from this network'];
const UNTRUSTED: Failure = [
  'fingerprint-mismatch',
  'shows a TLS certificate that is not trusted here; check the address, or pin the certificate if it is your own host',
];

/** What Node's fetch names its failures, in the `cause` of its TypeError. A browser names none. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: REFUSED,
  ENOTFOUND: UNKNOWN,
  EAI_AGAIN: ['unknown-host', 'could not be looked up: the name service did not answer; check the network'],
  EAI_NODATA: UNKNOWN,
  EAI_NONAME: UNKNOWN,
  ETIMEDOUT: SLOW,
  UND_ERR_CONNECT_TIMEOUT: SLOW,
  UND_ERR_HEADERS_TIMEOUT: SLOW,
  UND_ERR_BODY_TIMEOUT: SLOW,
  ECONNRESET: LOST,
  EPIPE: LOST,
  UND_ERR_SOCKET: LOST,
  ENETUNREACH: NO_ROUTE,
  EHOSTUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  ENETDOWN: NO_ROUTE,
};

const TLS = /CERT|SELF_SIGNED|SIGNATURE|UNABLE_TO_(?:GET|VERIFY)/;

/** What `fetch` threw, as an error that says what to do. `host` is shown. */
export function errorFromFetch(thrown: unknown, host: string): SignalingError {
  if (thrown instanceof SignalingError) return thrown;
  const code = codeOf(thrown, 0);
  const known = code === undefined ? undefined : (FAILURES[code] ?? (TLS.test(code) ? UNTRUSTED : undefined));
  const [kind, words] = known ?? ['lost', 'could not be reached; check the address and the network'];
  return new SignalingError(kind, `${host} ${words}`, { cause: thrown });
}

/** The first system code in an error, its causes, or the errors it gathers. */
function codeOf(thrown: unknown, depth: number): string | undefined {
  const deepest = 4;
  if (typeof thrown !== 'object' || thrown === null || depth > deepest) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  const inner = 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : [];
  const cause = 'cause' in thrown ? [thrown.cause] : [];
  for (const each of [...cause, ...inner]) {
    const code = codeOf(each, depth + 1);
    if (code !== undefined) return code;
  }
  return undefined;
}
