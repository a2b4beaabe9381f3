import { expect } from 'vitest';
import type { Offer } from '../signal.ts';
import type { Abortable, Signaler } from '../signaler.ts';
import { take } from '../take.ts';
import type { IncomingConversation } from '../transport.ts';
import type { ComplianceFixture } from './fixture.ts';
import { Reader } from './reader.ts';
import { sampleAnswer, sampleOffer } from './samples.ts';

/** Both ends of a conversation whose offer the host has read. */
export interface Conversation extends AsyncDisposable {
  readonly client: Signaler;
  readonly incoming: IncomingConversation;
  /** The host's Signaler. */
  readonly host: Signaler;
  readonly clientReads: Reader;
  readonly hostReads: Reader;
  /** Settles as the client's `send(offer)` does: on some transports not before the answer. */
  readonly offered: Promise<void>;
}

/** Opens a conversation and brings its offer to the host. */
export async function converse(
  fixture: ComplianceFixture,
  { signal }: Abortable,
  offer: Offer = sampleOffer(),
): Promise<Conversation> {
  const dialing = fixture.dial({ signal }).then((client) => {
    const offered = client.send(offer, { signal });
    // Whoever needs its failure awaits it; a case that ends sooner leaves it alone.
    offered.catch(() => {});
    return { client, offered };
  });
  const [incoming, { client, offered }] = await Promise.all([take(fixture.listener, { signal }), dialing]);
  const host = incoming.signaler;
  const hostReads = new Reader(host, { signal });
  expect(await hostReads.next(), 'the first signal at the host').toEqual(offer);
  expect([client.trickle, host.trickle], 'trickle of both ends').toEqual([fixture.trickle, fixture.trickle]);
  return {
    client,
    incoming,
    host,
    offered,
    hostReads,
    clientReads: new Reader(client, { signal }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.close(), host.close()]);
    },
  };
}

/** Sends the answer and reads it at the client. */
export async function answer(
  fixture: ComplianceFixture,
  { host, clientReads, offered }: Conversation,
  { signal }: Abortable,
): Promise<void> {
  const sample = sampleAnswer(0, { whole: fixture.trickle !== 'both' });
  const [received] = await Promise.all([clientReads.next(), host.send(sample, { signal }), offered]);
  expect(received, 'the answer at the client').toEqual(sample);
}

/** One whole conversation: proof that the transport is in order. */
export async function roundTrip(fixture: ComplianceFixture, options: Abortable, number = 1): Promise<void> {
  await using conversation = await converse(fixture, options, sampleOffer(number));
  await answer(fixture, conversation, options);
}
