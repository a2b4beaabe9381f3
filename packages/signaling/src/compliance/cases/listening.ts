import { expect } from 'vitest';
import { take } from '../../take.ts';
import { answer, converse, roundTrip } from '../conversation.ts';
import { expectFailure } from '../failure.ts';
import { sampleOffer } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

/** Both ends say the same at any time, and the listener says it before the first signal is read. */
const vouching: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const { client, host, incoming } = conversation;
  expect(client.remote, 'what the client is told of the host').toEqual(fixture.vouched.client);
  expect([incoming.remote, host.remote], 'what the host is told of the client').toEqual([
    fixture.vouched.host,
    fixture.vouched.host,
  ]);
  await answer(fixture, conversation, options);
  expect([client.remote, host.remote]).toEqual([fixture.vouched.client, fixture.vouched.host]);
};

const announcing: ComplianceCase = async (fixture, options) => {
  expect(fixture.announced, 'servers of the fixture').not.toEqual([]);
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  expect(conversation.client.iceServers, 'servers that the client knows after the answer').toEqual(
    fixture.announced,
  );
};

/** A host that stops waiting must not take what comes next with it. */
const leavingTheListener: ComplianceCase = async (fixture, options) => {
  const leaving = new AbortController();
  const waiting = take(fixture.listener, { signal: leaving.signal });
  leaving.abort();
  await expectFailure(waiting, ['aborted'], 'a host that stopped waiting');
  await roundTrip(fixture, options);
};

async function dialAndOffer(...[fixture, options]: Parameters<ComplianceCase>): Promise<unknown> {
  await using client = await fixture.dial(options);
  const signals = client[Symbol.asyncIterator]();
  const [next] = await Promise.all([signals.next(), client.send(sampleOffer(), options)]);
  return next.value;
}

const closedListener: ComplianceCase = async (fixture, options) => {
  await roundTrip(fixture, options);
  const waiting = take(fixture.listener, options);
  const over = expectFailure(waiting, ['closed'], 'a host that waits while its listener is closed');
  await fixture.listener[Symbol.asyncDispose]();
  await over;
  await fixture.listener[Symbol.asyncDispose]();
  const refused = dialAndOffer(fixture, options);
  await expectFailure(refused, ['unavailable', 'refused', 'lost'], 'a dial of a listener that is closed');
};

/** What the listener yields. */
export const LISTENING_CASES = {
  'each end is told what the transport vouches for': vouching,
  'a client knows the ICE servers that the host announces': announcing,
  'a host that stops waiting takes no conversation with it': leavingTheListener,
  'a listener that is closed ends, and refuses later dials': closedListener,
} satisfies Record<string, ComplianceCase>;
