import { STATUS_CODES } from 'node:http';
import { FingerprintError, UnauthorizedError } from '@ouro/fingerprint';
import { SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import type { FastifyReply } from 'fastify';
import { PROBLEM_TYPE } from '../shared/constants.ts';

/** The body of every error (RFC 9457). `code` is of `@ouro/signaling`. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: SignalingErrorCode;
  /** With 401: the fingerprint that the offer presented, compact, so that it can be let in on the host. */
  readonly fingerprint?: string;
}

/** A refusal with headers of its own; `status` where the table has another one for the code. */
export class HttpError extends SignalingError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: SignalingErrorCode,
    message: string,
    status: number,
    headers: Record<string, string> = {},
  ) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

/** Sends any thrown thing as a problem. What is not meant for the far end (`internal`) goes to the log alone. */
export function sendProblem(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toSignalingError(thrown);
  const problem = toProblem(error, reply);
  if (error.code === 'internal') reply.log.error({ err: thrown }, 'a WHIP request failed');
  else reply.log.info({ code: problem.code, status: problem.status }, 'a WHIP request was refused');
  if (error instanceof HttpError) reply.headers(error.headers);
  // What is left of a body that was refused half read must not be taken for the next request.
  if (problem.status === 408 || problem.status === 413) reply.header('connection', 'close');
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}

function toProblem(error: SignalingError, reply: FastifyReply): Problem {
  const status = statusOf(error, reply);
  const presented = error instanceof UnauthorizedError ? error.presented : undefined;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.code === 'internal' ? 'The host failed to do this; its log says more' : error.message,
    code: error.code,
    ...(presented === undefined ? {} : { fingerprint: presented }),
  };
}

function statusOf(error: SignalingError, reply: FastifyReply): number {
  if (error instanceof HttpError) return error.status;
  // The sender's own slowness, not that of something behind this server.
  if (error.code === 'timeout' && reply.request.body === undefined) return 408;
  return error.edge.http;
}

function toSignalingError(thrown: unknown): SignalingError {
  if (thrown instanceof FingerprintError) {
    const code = thrown.edge.http === 500 ? 'internal' : thrown.edge.http === 413 ? 'oversize' : 'bad-sdp';
    return new SignalingError(code, thrown.message, { cause: thrown });
  }
  const status = clientStatus(thrown);
  if (status !== undefined && thrown instanceof Error) {
    const code = status === 413 ? 'oversize' : status === 415 ? 'unsupported-media-type' : 'bad-message';
    return new HttpError(code, thrown.message, status);
  }
  return SignalingError.from(thrown);
}

/** The 4xx of an error of Fastify itself. */
function clientStatus(thrown: unknown): number | undefined {
  if (thrown instanceof SignalingError || typeof thrown !== 'object' || thrown === null) return undefined;
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
