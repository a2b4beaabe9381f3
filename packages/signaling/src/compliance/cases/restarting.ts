import { expect } from 'vitest';
import { SignalingError } from '../../errors.ts';
import type { Signaler } from '../../signaler.ts';
import type { RestartRequest, TransportSession } from '../../transport.ts';
import { mayTrickle } from '../../trickle.ts';
import { answer, type Conversation, converse } from '../conversation.ts';
import { expectFailure } from '../failure.ts';
import { answererUfrag, offererUfrag, sampleAnswer, sampleCandidates, sampleOffer } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

/** The number of the samples of the second generation. */
const SECOND = 2;

type Restart = NonNullable<Signaler['restart']>;

function restartOf({ client }: Conversation): Restart {
  expect(client.restart, 'restart of the client').toBeTypeOf('function');
  return (offer, options) => {
    if (client.restart === undefined) throw new Error('It cannot restart');
    return client.restart(offer, options);
  };
}

function sessionOf({ incoming }: Conversation): TransportSession {
  if (incoming.session === undefined)
    throw new Error('The listener yields no session that could restart ICE');
  return incoming.session;
}

const ufragOf = (sdp: string | undefined) => /^a=ice-ufrag:(\S+)/m.exec(sdp ?? '')?.[1];

/** The peers are connected and the conversation closed: an offer still gets its answer, and candidates follow it. */
const restarting: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const requested = Promise.withResolvers<RestartRequest>();
  const session = sessionOf(conversation);
  session.onRestart(async (request) => {
    requested.resolve(request);
    return sampleAnswer(SECOND, { whole: true });
  });
  await answer(fixture, conversation, options);
  session.connected();
  await Promise.all([conversation.client.close(), conversation.host.close()]);
  const received = await restartOf(conversation)(sampleOffer(SECOND), options);
  expect(ufragOf(received.sdp), 'the credentials of the answer').toBe(answererUfrag(SECOND));
  const request = await requested.promise;
  expect(ufragOf(request.offer.sdp), 'the credentials of the offer').toBe(offererUfrag(SECOND));
  if (!mayTrickle('offerer', fixture.trickle)) return;
  const sent = sampleCandidates(3, offererUfrag(SECOND));
  const reads = request.candidates[Symbol.asyncIterator]();
  await Promise.all(sent.map((one) => conversation.client.send(one, options)));
  for (const one of sent) expect((await reads.next()).value).toMatchObject({ candidate: one.candidate });
};

/** A restart that the host refuses leaves everything as it was: the next one may go well. */
const refusedRestart: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const restart = restartOf(conversation);
  const session = sessionOf(conversation);
  await expectFailure(restart(sampleOffer(SECOND), options), ['unprocessable'], 'a restart nobody handles');
  session.onRestart(async () => {
    throw new SignalingError('unprocessable', 'Not now');
  });
  await expectFailure(restart(sampleOffer(SECOND), options), ['unprocessable'], 'a restart that is refused');
  session.onRestart(async () => sampleAnswer(SECOND + 1, { whole: true }));
  const received = await restart(sampleOffer(SECOND + 1), options);
  expect(ufragOf(received.sdp)).toBe(answererUfrag(SECOND + 1));
};

const endedSession: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const restart = restartOf(conversation);
  const session = sessionOf(conversation);
  session.connected();
  session.closed();
  session.closed();
  expect(session.ended.aborted, 'whether the session has ended').toBe(true);
  await expectFailure(
    restart(sampleOffer(SECOND), options),
    ['invalid-state', 'not-found', 'closed'],
    'a restart of a session that has ended',
  );
};

/** A client that gives up with a reason ends what the conversation has made. */
const clientEnds: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const { ended } = sessionOf(conversation);
  const over = new Promise<void>((resolve) =>
    ended.addEventListener('abort', () => resolve(), { once: true }),
  );
  await conversation.client.close(new SignalingError('closed', 'The client has had enough'));
  await over;
  expect(ended.reason, 'the reason of the end').toBeInstanceOf(SignalingError);
};

/** Sessions that outlive their conversation. */
export const RESTARTING_CASES = {
  'a restart of ICE gets its answer, and candidates follow it': restarting,
  'a restart that is refused leaves the session as it was': refusedRestart,
  'a session that has ended cannot be restarted': endedSession,
  'a client that closes with a reason ends the session': clientEnds,
} satisfies Record<string, ComplianceCase>;
