import { ERROR_EDGES, SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { PROBLEM_TYPE } from '../shared/constants.ts';
import { mediaType } from '../shared/media-type.ts';
import { MAX_DETAIL_CHARS } from './constants.ts';
import type { HttpReply } from './http-client.ts';

/** What a server's refusal says beside its code. */
export interface WhipErrorDetails {
  readonly status: number;
  /** What Retry-After asks for, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** With `unauthorized`: the own fingerprint as the server read it, to be let in on the host. */
  readonly fingerprint?: string | undefined;
}

/** A server's refusal. */
export class WhipError extends SignalingError {
  /** HTTP status; decide by `code`, not by it (RFC 9725 section 4.1). */
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly fingerprint: string | undefined;

  constructor(code: SignalingErrorCode, message: string, details: WhipErrorDetails) {
    super(code, message);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.fingerprint = details.fingerprint;
  }
}

const CODES: Readonly<Record<number, SignalingErrorCode>> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not-found',
  407: 'unauthorized',
  408: 'timeout',
  409: 'invalid-state',
  410: 'not-found',
  412: 'precondition-failed',
  413: 'oversize',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  428: 'precondition-required',
  429: 'too-many',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

const ADVICE: Partial<Record<SignalingErrorCode, string>> = {
  unauthorized: 'have this client let in on the host',
  'not-found':
    'the session has ended, or the URL is not one of a WHIP endpoint; check the URL or connect again',
  'too-many': 'wait and try again',
  unavailable: 'try again later',
  timeout: 'try again later',
  'unsupported-media-type': 'the URL may not be one of a WHIP endpoint; check it',
  internal: "the host's log says more",
};

const ProblemSchema = Type.Object({
  detail: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  fingerprint: Type.Optional(Type.String({ pattern: '^[0-9A-F]{64}$' })),
});

/** A reply that is no success, as an error. An unknown status counts as the x00 of its class (RFC 9725 section 4.1). */
export function errorFromReply(reply: HttpReply, what: string): WhipError {
  const problem = problemOf(reply);
  const code = codeOf(reply.status, problem?.code);
  const words = problem?.detail === undefined ? '' : `: ${printable(problem.detail)}`;
  const advice = ADVICE[code] === undefined ? '' : `; ${ADVICE[code]}`;
  const retryAfterMs = retryAfter(reply.headers.get('retry-after'));
  return new WhipError(code, `The server refused ${what} (HTTP ${reply.status})${words || advice}`, {
    status: reply.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(problem?.fingerprint === undefined ? {} : { fingerprint: problem.fingerprint }),
  });
}

/** The `code` of an Ouro server refines the status, and never says another class of failure. */
function codeOf(status: number, told: string | undefined): SignalingErrorCode {
  const known = (Object.keys(ERROR_EDGES) as SignalingErrorCode[]).find((code) => code === told);
  if (known !== undefined && ERROR_EDGES[known].http === status) return known;
  const code = CODES[status];
  if (code !== undefined) return code;
  return status >= 500 ? 'internal' : 'bad-message';
}

function problemOf(reply: HttpReply): { detail?: string; code?: string; fingerprint?: string } | undefined {
  if (mediaType(reply.headers.get('content-type')) !== PROBLEM_TYPE) return undefined;
  try {
    const body: unknown = JSON.parse(reply.text);
    return Value.Check(ProblemSchema, body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After in ms: seconds or a date (RFC 9110 section 10.2.3). */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A server's words on one line, without what could command a terminal. */
function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL_CHARS);
}
