import { SignalingError } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SDP_TYPE } from '../shared/constants.ts';
import { formatEntityTag } from '../shared/entity-tag.ts';
import { formatIceServers } from '../shared/ice-server.ts';
import { mediaType } from '../shared/media-type.ts';
import { decodeText } from '../shared/text.ts';
import { bodyOf, type ServerContext } from './context.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { HttpError } from './problem.ts';
import { sessionUrl } from './session-url.ts';

/**
 * `POST` of an offer (RFC 9725 section 4.2): 201 with the whole answer, the absolute session URL, a strong ETag and the
 * ice-servers. An offer without a media type is taken as SDP: older clients send none.
 */
export async function postOffer(
  server: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const type = mediaType(request.headers['content-type']);
  if (type !== undefined && type !== SDP_TYPE) {
    throw new HttpError('unsupported-media-type', `An offer is ${SDP_TYPE}`, 415, {
      'accept-post': SDP_TYPE,
    });
  }
  const sdp = decodeOffer(bodyOf(request), server.limits.maxBodyBytes);
  const opened = await openSession(server, request, reply, sdp, 'offerer');
  const links = linksOf(server, opened);
  if (links.length > 0) reply.header('link', links.join(', '));
  return reply
    .code(201)
    .header('location', sessionUrl(request, `${server.sessionPath}/${opened.session.id}`))
    .header('etag', formatEntityTag(opened.session.entityTag))
    .type(SDP_TYPE)
    .send(Buffer.from(opened.answer.sdp));
}

/** @throws SignalingError `bad-sdp` for an empty body or one that is no text, `oversize` */
function decodeOffer(bytes: Uint8Array, limit: number): string {
  if (bytes.length === 0) throw new SignalingError('bad-sdp', 'The request has no body; send an SDP offer');
  try {
    return decodeText(bytes, limit, 'offer');
  } catch (thrown) {
    const error = SignalingError.from(thrown);
    throw error.code === 'oversize' ? error : new SignalingError('bad-sdp', error.message, { cause: error });
  }
}

function linksOf(server: ServerContext, { session, context }: OpenedSession): string[] {
  const { iceServers = [] } = server.options;
  try {
    return formatIceServers(typeof iceServers === 'function' ? iceServers(context) : iceServers);
  } catch (thrown) {
    const error = SignalingError.from(thrown);
    session.end(error);
    throw error;
  }
}
