import { expect } from 'vitest';
import { unlessAborted } from '../../abortable.ts';
import type { Abortable } from '../../signaler.ts';
import { answer, converse, roundTrip } from '../conversation.ts';
import { expectFailure } from '../failure.ts';
import type { ComplianceFixture } from '../fixture.ts';
import { Reader } from '../reader.ts';
import { sampleOffer } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

/** The codes of a transport that broke. */
const BROKEN = ['lost', 'unavailable', 'timeout'] as const;

const abortBeforeDial: ComplianceCase = async (fixture, options) => {
  const signal = AbortSignal.abort();
  await expectFailure(fixture.dial({ signal }), ['aborted'], 'a dial that was cancelled before it began');
  await roundTrip(fixture, options);
};

/** Dial, offer, and wait for an answer that never comes. */
async function hopelessAttempt(fixture: ComplianceFixture, { signal }: Abortable): Promise<void> {
  const client = await fixture.dialSilent({ signal });
  try {
    await client.send(sampleOffer(), { signal });
    await new Reader(client, { signal }).next();
  } finally {
    await client.close();
  }
}

/** Some transports wait in `dial`, some in `send(offer)`; whichever is under way has to let go. */
const abortInTheMiddle: ComplianceCase = async (fixture, options) => {
  for (const moment of [() => Promise.resolve(), nextTurn]) {
    const abort = new AbortController();
    const attempt = hopelessAttempt(fixture, { signal: abort.signal });
    const aborting = moment().then(() => abort.abort());
    const cancelled = unlessAborted(Promise.all([attempt, aborting]), options.signal);
    await expectFailure(cancelled, ['aborted'], 'an attempt that was cancelled');
  }
  await roundTrip(fixture, options);
};

/** One turn of the event loop: what was started has begun to wait. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

const hostVanishes: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const waiting = Promise.all([conversation.clientReads.next(), conversation.offered]);
  const noticed = expectFailure(waiting, BROKEN, 'the client that waits for an answer');
  await Promise.all([noticed, fixture.vanish('host')]);
};

const clientVanishes: ComplianceCase = async (fixture, options) => {
  {
    await using conversation = await converse(fixture, options);
    const noticed = expectFailure(
      conversation.hostReads.next(),
      BROKEN,
      'the host that waits for the client',
    );
    await Promise.all([noticed, fixture.vanish('client')]);
  }
  await roundTrip(fixture, options);
};

const clientCloses: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  await conversation.client.close();
  expect(await conversation.hostReads.next(), 'what the host reads then').toBeUndefined();
};

const hostCloses: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  await conversation.host.close();
  expect(await conversation.clientReads.next(), 'what the client reads then').toBeUndefined();
};

const doubleClose: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const { client, host, clientReads, hostReads } = conversation;
  await Promise.all([client.close(), client.close(), host.close(), host.close()]);
  await client.close();
  await host[Symbol.asyncDispose]();
  expect(await clientReads.next(), 'what the client reads after its close').toBeUndefined();
  expect(await hostReads.next(), 'what the host reads after its close').toBeUndefined();
};

const sendAfterClose: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  await answer(fixture, conversation, options);
  const { client, host } = conversation;
  await Promise.all([client.close(), host.close()]);
  await expectFailure(
    client.send(sampleOffer(), options),
    ['closed'],
    'a send of the client after its close',
  );
  await expectFailure(host.send(sampleOffer(), options), ['closed'], 'a send of the host after its close');
};

const sendAborted: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const signal = AbortSignal.abort();
  const { host } = conversation;
  const cancelled = host.send({ ...sampleOffer(), type: 'answer' }, { signal });
  await expectFailure(cancelled, ['aborted'], 'a send that was cancelled before it began');
  await answer(fixture, conversation, options);
};

/** Aborts, closes and crashes. */
export const ENDING_CASES = {
  'a dial that is cancelled before it begins is refused': abortBeforeDial,
  'a dial can be cancelled in the middle': abortInTheMiddle,
  'a host that vanishes is noticed by the client': hostVanishes,
  'a client that vanishes is noticed by the host': clientVanishes,
  'a client that closes ends the signals at the host': clientCloses,
  'a host that closes ends the signals at the client': hostCloses,
  'closing twice is closing once': doubleClose,
  'nothing can be sent after close': sendAfterClose,
  'a send that is cancelled sends nothing': sendAborted,
} satisfies Record<string, ComplianceCase>;
