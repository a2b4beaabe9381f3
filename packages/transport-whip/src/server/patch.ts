import { jsonLineCodec, SignalingError } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseCandidate } from '../shared/candidate.ts';
import { JSON_TYPE, SDP_TYPE, SDPFRAG_TYPE } from '../shared/constants.ts';
import { formatEntityTag, ifMatchAllows, parseIfMatch } from '../shared/entity-tag.ts';
import { credentialsOf, type IceDescription } from '../shared/ice-description.ts';
import { mediaType } from '../shared/media-type.ts';
import { decodeSdpFragment, encodeSdpFragment } from '../shared/sdp-fragment.ts';
import { bodyOf } from './context.ts';
import type { PlacedCandidate } from './generation.ts';
import { HttpError } from './problem.ts';
import type { ServerSession } from './session.ts';

/**
 * `PATCH` of a session (RFC 9725 section 4.3): trickled candidates, 204; or an ICE restart, 200 with the new
 * server credentials. Which of the two is decided by the credentials in the body, never by If-Match.
 */
export function patchSession(
  session: ServerSession,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return session.patches.run(async () => {
    if (session.ended.aborted) throw new SignalingError('not-found', 'This session has ended');
    const isFragment = formOf(request) === 'fragment';
    checkPrecondition(session, request.headers['if-match'], isFragment);
    if (!isFragment) {
      trickleJson(session, bodyOf(request));
      return reply.code(204).send();
    }
    const fragment = decodeSdpFragment(bodyOf(request));
    if (!isRestart(session, fragment)) {
      trickleFragment(session, fragment);
      return reply.code(204).send();
    }
    return replyRestart(session, fragment, reply);
  });
}

/**
 * A fragment by its media type; one JSON candidate under `application/json`, and under `application/sdp`, as one
 * existing client labels it.
 */
function formOf(request: FastifyRequest): 'fragment' | 'candidate' {
  const type = mediaType(request.headers['content-type']);
  if (type === SDPFRAG_TYPE) return 'fragment';
  const looksLikeJson = /^\s*(?:\{|null)/.test(
    Buffer.from(bodyOf(request).subarray(0, 64)).toString('latin1'),
  );
  if (type === JSON_TYPE || ((type === SDP_TYPE || type === undefined) && looksLikeJson)) return 'candidate';
  throw new HttpError('unsupported-media-type', `A PATCH is ${SDPFRAG_TYPE}`, 415, {
    'accept-patch': SDPFRAG_TYPE,
  });
}

/** RFC 9725 section 4.3: a fragment must name the ICE session it is for. The JSON forms know no conditions. */
function checkPrecondition(session: ServerSession, header: string | undefined, required: boolean): void {
  if (header === undefined) {
    if (!required) return;
    throw new SignalingError('precondition-required', 'A PATCH needs If-Match with the ETag of the session');
  }
  if (!ifMatchAllows(parseIfMatch(header), session.entityTag)) {
    throw new SignalingError(
      'precondition-failed',
      'If-Match is not the ETag of the current ICE session: ICE was restarted since',
    );
  }
}

/** @throws SignalingError `bad-message` for half a pair, `precondition-failed` for credentials that a restart has retired */
function isRestart(session: ServerSession, fragment: IceDescription): boolean {
  const sent = credentialsOf(fragment);
  if (sent === null) {
    throw new SignalingError('bad-message', 'The fragment has no ICE credentials (RFC 8840 section 4.4)');
  }
  const current = session.generation.credentials;
  const sameUfrag = sent.usernameFragment === current.usernameFragment;
  const samePassword = sent.password === current.password;
  if (sameUfrag && samePassword) return false;
  if (session.isRetired(sent)) {
    throw new SignalingError('precondition-failed', 'These ICE credentials were replaced by a restart');
  }
  if (sameUfrag || samePassword) {
    throw new SignalingError(
      'bad-message',
      'An ICE restart must change both the ufrag and the password (RFC 8839 section 4.4.1.1.1)',
    );
  }
  return true;
}

function trickleFragment(session: ServerSession, fragment: IceDescription): void {
  const end = fragment.endOfCandidates || fragment.media.some((section) => section.endOfCandidates);
  const placed = fragment.media.flatMap((section) =>
    section.candidates.map((line) => ({ line, mid: knownMid(session, section.mid) })),
  );
  session.generation.take(placed, end);
}

function trickleJson(session: ServerSession, body: Uint8Array): void {
  const [signal, ...more] = jsonLineCodec.decode(body);
  if (
    signal === undefined ||
    more.length > 0 ||
    (signal.type !== 'candidate' && signal.type !== 'end-of-candidates')
  ) {
    throw new SignalingError('bad-message', 'The body is not one RTCIceCandidateInit');
  }
  const { usernameFragment } = session.generation.credentials;
  const named = signal.usernameFragment ?? usernameFragment;
  if (named !== usernameFragment) {
    // Late for its generation (RFC 8838 section 10): passed over. Of a generation that never was: an error.
    if (session.isRetired({ usernameFragment: named })) return;
    throw new SignalingError(
      'bad-candidate',
      'The candidate names an ICE ufrag that this session does not have',
    );
  }
  const placed: PlacedCandidate[] =
    signal.type === 'candidate'
      ? [{ line: parseCandidate(signal.candidate), mid: knownMid(session, signal.sdpMid) }]
      : [];
  session.generation.take(placed, signal.type === 'end-of-candidates');
}

/** The m-section that a candidate is for; without a name, the only one. */
function knownMid(session: ServerSession, mid: string | null): string | null {
  const mids = session.info.media.map((section) => section.mid);
  if (mid === null || mid === '') return mids[0] ?? null;
  if (mids.includes(mid)) return mid;
  throw new SignalingError(
    'bad-candidate',
    'The candidate is for an m-section (mid) that the offer does not have',
  );
}

async function replyRestart(
  session: ServerSession,
  fragment: IceDescription,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const answer = await session.restart(fragment);
  return reply
    .code(200)
    .header('etag', formatEntityTag(session.entityTag))
    .type(SDPFRAG_TYPE)
    .send(Buffer.from(encodeSdpFragment(answer)));
}
