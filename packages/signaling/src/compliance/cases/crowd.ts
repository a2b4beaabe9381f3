import { expect } from 'vitest';
import type { Signal } from '../../signal.ts';
import type { Abortable, Signaler } from '../../signaler.ts';
import { take } from '../../take.ts';
import type { ComplianceFixture } from '../fixture.ts';
import { Reader } from '../reader.ts';
import { sampleAnswer, sampleOffer } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

const CROWD = 10;
const NUMBERS = Array.from({ length: CROWD }, (_, number) => number);

interface Accepted {
  readonly host: Signaler;
  readonly offer: Signal | undefined;
}

async function offerOne(
  fixture: ComplianceFixture,
  number: number,
  options: Abortable,
): Promise<Signal | undefined> {
  await using client = await fixture.dial(options);
  const reading = new Reader(client, options).next();
  const [received] = await Promise.all([reading, client.send(sampleOffer(number), options)]);
  return received;
}

async function acceptAll(fixture: ComplianceFixture, options: Abortable): Promise<Accepted[]> {
  const accepted: Promise<Accepted>[] = [];
  for (const _ of NUMBERS) {
    const { signaler: host } = await take(fixture.listener, options);
    accepted.push(new Reader(host, options).next().then((offer) => ({ host, offer })));
  }
  return Promise.all(accepted);
}

/** No answer is given before all offers are there, and then the last comes first. */
const tenAtOnce: ComplianceCase = async (fixture, options) => {
  const whole = fixture.trickle !== 'both';
  const offering = Promise.all(NUMBERS.map((number) => offerOne(fixture, number, options)));
  const answering = acceptAll(fixture, options).then((accepted) => {
    const answers = accepted.reverse().map(({ host, offer }) => {
      const sdp = offer?.type === 'offer' ? offer.sdp : '';
      const number = NUMBERS.find((one) => sampleOffer(one).sdp === sdp);
      expect(number, 'the number of the offer').toBeDefined();
      return host.send(sampleAnswer(number, { whole }), options).then(() => host);
    });
    return Promise.all(answers);
  });
  const [received, hosts] = await Promise.all([offering, answering]);
  expect(received).toEqual(NUMBERS.map((number) => sampleAnswer(number, { whole })));
  await Promise.all(hosts.map((host) => host.close()));
};

/** Many at once. */
export const CROWD_CASES = { 'ten conversations at once do not mix': tenAtOnce } satisfies Record<
  string,
  ComplianceCase
>;
