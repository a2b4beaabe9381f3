import type { FastifyReply, FastifyRequest } from 'fastify';
import { SDP_TYPE, SDPFRAG_TYPE } from '../shared/constants.ts';
import { PREFLIGHT_MAX_AGE_S } from './constants.ts';

const ALLOW_HEADERS = 'authorization, content-type, if-match';
const EXPOSE_HEADERS = 'location, etag, link, retry-after, accept-patch, accept-post, www-authenticate';

/** Says on every reply, also on errors, who may read it and which headers (Fetch, CORS protocol). */
export function corsHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: '*' | readonly string[],
): void {
  reply.header('access-control-expose-headers', EXPOSE_HEADERS);
  if (origins === '*') {
    reply.header('access-control-allow-origin', '*');
    return;
  }
  reply.header('vary', 'Origin');
  const origin = request.headers.origin;
  if (origin !== undefined && origins.includes(origin)) reply.header('access-control-allow-origin', origin);
}

/**
 * Replies to OPTIONS, a preflight or not, and never asks for authorization (RFC 9725 section 4.2): `Accept-Post` on
 * the endpoint, `Accept-Patch` (RFC 5789 section 3.1) on a session.
 */
export function replyOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: readonly string[],
): FastifyReply {
  const allow = methods.join(', ');
  reply
    .header('allow', allow)
    .header('access-control-allow-methods', allow)
    .header('access-control-allow-headers', ALLOW_HEADERS)
    .header('access-control-max-age', String(PREFLIGHT_MAX_AGE_S));
  if (methods.includes('POST')) reply.header('accept-post', SDP_TYPE);
  if (methods.includes('PATCH')) reply.header('accept-patch', SDPFRAG_TYPE);
  // A page of the public web that reaches for an agent on this machine.
  if (request.headers['access-control-request-private-network'] === 'true') {
    reply.header('access-control-allow-private-network', 'true');
  }
  return reply.code(200).send();
}
