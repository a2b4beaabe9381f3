import { expect } from 'vitest';
import type { Candidate, EndOfCandidates, Signal } from '../../signal.ts';
import type { Abortable, Signaler } from '../../signaler.ts';
import { mayTrickle } from '../../trickle.ts';
import { answer, type Conversation, converse } from '../conversation.ts';
import { expectFailure } from '../failure.ts';
import type { ComplianceFixture } from '../fixture.ts';
import type { Reader } from '../reader.ts';
import { answererUfrag, offererUfrag, sampleAnswer, sampleCandidates, sampleEnd } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

type Trickled = Candidate | EndOfCandidates;

/** What has to arrive as it was sent; `sdpMLineIndex` may be lost, since sdpfrag knows only the mid (RFC 8840 section 9). */
const essence = (signal: Signal | undefined) =>
  signal?.type === 'candidate' ? { ...signal, sdpMLineIndex: null } : signal;

/** Sends in order; each `send` may resolve only when the far end has read, so nobody waits for one here. */
function sendAll(from: Signaler, signals: readonly Trickled[], { signal }: Abortable): Promise<unknown> {
  return Promise.all(signals.map((one) => from.send(one, { signal })));
}

async function expectArrival(reader: Reader, sent: readonly Trickled[], what: string): Promise<void> {
  const received = await reader.take(sent.length);
  expect(received.map(essence), what).toEqual(sent.map(essence));
}

async function expectRefusal(
  from: Signaler,
  signals: readonly Trickled[],
  options: Abortable,
): Promise<void> {
  for (const one of signals) {
    await expectFailure(
      from.send(one, options),
      ['invalid-state'],
      `${one.type} of an end that may not trickle`,
    );
  }
}

/** Both directions at once: what may trickle arrives, what may not is refused where it is sent. */
async function trickle(
  fixture: ComplianceFixture,
  { client, host, clientReads, hostReads }: Conversation,
  signals: { readonly ofClient: readonly Trickled[]; readonly ofHost: readonly Trickled[] },
  options: Abortable,
): Promise<void> {
  const way = async (role: 'offerer' | 'answerer', from: Signaler, to: Reader, sent: readonly Trickled[]) => {
    if (!mayTrickle(role, fixture.trickle)) return expectRefusal(from, sent, options);
    await Promise.all([sendAll(from, sent, options), expectArrival(to, sent, `signals of the ${role}`)]);
  };
  await Promise.all([
    way('offerer', client, hostReads, signals.ofClient),
    way('answerer', host, clientReads, signals.ofHost),
  ]);
}

const offerAndAnswer: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
};

const trickleBothWays: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const ofClient = sampleCandidates(5, offererUfrag());
  const ofHost = sampleCandidates(5, answererUfrag());
  await trickle(fixture, conversation, { ofClient, ofHost }, options);
};

/** The host may get the client's early candidates before or after it answers, but all, once, in order. */
const candidatesBeforeTheAnswer: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const { client, host, clientReads, hostReads, offered } = conversation;
  const early = sampleCandidates(3, offererUfrag());
  const clientMay = mayTrickle('offerer', fixture.trickle);
  const hostMay = mayTrickle('answerer', fixture.trickle);
  const ofHost = sampleCandidates(3, answererUfrag());
  if (!clientMay) await expectRefusal(client, early, options);
  if (!hostMay) await expectRefusal(host, ofHost, options);
  const sending = clientMay ? sendAll(client, early, options) : Promise.resolve();
  const hostSends = [...(hostMay ? ofHost : []), sampleAnswer(0, { whole: !hostMay })];
  const [received] = await Promise.all([
    clientReads.take(hostSends.length),
    Promise.all(hostSends.map((one) => host.send(one, options))),
    clientMay ? expectArrival(hostReads, early, 'early candidates at the host') : undefined,
    sending,
    offered,
  ]);
  expect(received.map(essence), 'what the client got').toEqual(hostSends.map(essence));
};

const endOfCandidates: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const ofClient = [...sampleCandidates(1, offererUfrag()), sampleEnd(offererUfrag())];
  const ofHost = [...sampleCandidates(1, answererUfrag()), sampleEnd(answererUfrag())];
  await trickle(fixture, conversation, { ofClient, ofHost }, options);
};

/** Offer, answer, candidates. */
export const EXCHANGE_CASES = {
  'an offer gets its answer': offerAndAnswer,
  'candidates trickle both ways, as far as the transport lets them': trickleBothWays,
  'candidates may be sent before the answer': candidatesBeforeTheAnswer,
  'end-of-candidates arrives behind the last candidate': endOfCandidates,
} satisfies Record<string, ComplianceCase>;
