import { isLoopback } from '@ouro/base';
import { UnauthorizedError } from '@ouro/fingerprint';
import { type Answer, SignalingError, type Trickle } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireDataChannelOffer } from '../shared/data-channel.ts';
import { readDescription } from '../shared/sdp.ts';
import { addressKey } from './address.ts';
import { SESSION_ID_BYTES } from './constants.ts';
import { requestGone, type ServerContext } from './context.ts';
import { type Admission, admit, bearerOf } from './gate.ts';
import type { WhipSessionContext } from './options.ts';
import { ServerSession } from './session.ts';

/** A session that the host answered. */
export interface OpenedSession {
  readonly session: ServerSession;
  readonly context: WhipSessionContext;
  readonly answer: Answer;
}

/**
 * From an offer to its answer: authorize, judge the offer, make a session, hand it to the host, wait for the answer.
 * Nothing is kept of an offer that fails on the way.
 * @throws SignalingError
 */
export async function openSession(
  server: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  sdp: string,
  trickle: Trickle,
): Promise<OpenedSession> {
  const gone = requestGone(reply);
  const bearer = bearerOf(request);
  const admission = await admit(server.options.authorizer, sdp, bearer, { signal: gone });
  const info = readDescription(sdp);
  requireDataChannelOffer(info);
  if (gone.aborted) throw SignalingError.from(gone.reason);
  const session = server.sessions.open(addressKey(request.ip), server.limits, () => {
    const id = Buffer.from(server.random(SESSION_ID_BYTES)).toString('base64url');
    const init = { ...server.limits, clock: server.clock, random: server.random };
    return new ServerSession({
      ...init,
      id,
      offer: { type: 'offer', sdp },
      info,
      trickle,
      ...(bearer === undefined ? {} : { bearer }),
    });
  });
  const leave = () => session.end(SignalingError.from(gone.reason));
  gone.addEventListener('abort', leave, { once: true });
  const context = contextOf(request, admission, session, bearer);
  handToHost(server, request, session, context);
  return { session, context, answer: await session.signaler.answer };
}

function contextOf(
  request: FastifyRequest,
  admission: Admission,
  session: ServerSession,
  bearer: string | undefined,
): WhipSessionContext {
  const { label, fingerprint } = admission;
  return {
    address: request.ip,
    secure: request.protocol === 'https' || isLoopback(request.ip),
    session,
    ...(label === undefined ? {} : { label }),
    ...(bearer === undefined ? {} : { bearer }),
    fingerprint,
    async authorize(used) {
      if (!used.equals(fingerprint)) throw new UnauthorizedError(used);
    },
  };
}

function handToHost(
  server: ServerContext,
  request: FastifyRequest,
  session: ServerSession,
  context: WhipSessionContext,
): void {
  const call = async () => server.options.onSession(session.signaler, context);
  const handled = call()
    .catch((thrown: unknown) => {
      if (!session.ended.aborted) request.log.warn({ err: thrown }, 'a WHIP session failed');
      session.end(SignalingError.from(thrown));
    })
    .finally(() => server.handlers.delete(handled));
  server.handlers.add(handled);
}
