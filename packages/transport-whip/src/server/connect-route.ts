import { SignalingError } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { decodeText } from '../shared/text.ts';
import { MAX_CONNECT_BODY_BYTES } from './constants.ts';
import { bodyOf, type ServerContext } from './context.ts';
import { openSession } from './open-session.ts';

/** The oldest form. Its `fingerprint` is passed over: the offer's own counts. */
const ConnectSchema = Type.Object({
  api_version: Type.Optional(Type.Integer()),
  fingerprint: Type.Optional(Type.String()),
  offer: Type.String(),
});

const OfferSchema = Type.Object({ type: Type.Literal('offer'), sdp: Type.String() });

/**
 * `POST` of the oldest clients: a whole offer in, as base64 of JSON within JSON, a whole answer out, as base64 of JSON; no trickle,
 * no session URL. Authorized like any other offer.
 */
export async function postConnect(
  server: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sdp = decodeConnect(bodyOf(request));
  const { answer } = await openSession(server, request, reply, sdp, 'none');
  const body = Buffer.from(JSON.stringify({ type: 'answer', sdp: answer.sdp })).toString('base64');
  return reply.code(200).type('text/plain; charset=utf-8').send(body);
}

/** The SDP within. @throws SignalingError `bad-message`, `oversize` */
export function decodeConnect(bytes: Uint8Array): string {
  const outer = parse(decodeText(bytes, MAX_CONNECT_BODY_BYTES, 'request'));
  if (!Value.Check(ConnectSchema, outer)) throw malformed();
  const inner = parse(decodeText(Buffer.from(outer.offer, 'base64'), MAX_CONNECT_BODY_BYTES, 'offer'));
  if (!Value.Check(OfferSchema, inner)) throw malformed();
  return inner.sdp;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function malformed(): SignalingError {
  return new SignalingError(
    'bad-message',
    'The body is not JSON with an `offer` that is base64 of a JSON offer',
  );
}
