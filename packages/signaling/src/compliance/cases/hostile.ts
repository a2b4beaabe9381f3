import { expect } from 'vitest';
import { unlessAborted } from '../../abortable.ts';
import { MAX_MESSAGE_BYTES, MAX_SDP_BYTES } from '../../constants.ts';
import { SignalingError, type SignalingErrorCode } from '../../errors.ts';
import type { Abortable } from '../../signaler.ts';
import { take } from '../../take.ts';
import { answer, converse, roundTrip } from '../conversation.ts';
import { expectFailure } from '../failure.ts';
import type { ComplianceFixture } from '../fixture.ts';
import { Reader } from '../reader.ts';
import { STRANGER_FINGERPRINT, sampleAnswer, sampleOffer } from '../samples.ts';
import type { ComplianceCase } from './case.ts';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** What is no message on any transport: not UTF-8, not JSON, JSON of an unknown type, JSON of a wrong shape. */
const MALFORMED: readonly Uint8Array<ArrayBuffer>[] = [
  new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
  bytesOf('}{ this is not a signal\n'),
  bytesOf('{"type":"hello","sdp":"v=0"}\n'),
  bytesOf('{"candidate":42}\n'),
];

const MALFORMED_CODES = [
  'bad-message',
  'bad-sdp',
  'bad-candidate',
  'unprocessable',
  'unsupported-media-type',
] as const;

/** A message that is larger than any transport may take, and well formed but for that. */
function oversizeMessage(): Uint8Array<ArrayBuffer> {
  return bytesOf(`{"type":"offer","sdp":"v=0\\r\\n${'a'.repeat(MAX_MESSAGE_BYTES)}"}\n`);
}

/** What became of garbage at the host: the error that the client was told, or that the host's Signaler met. */
async function refusalAtHost(
  fixture: ComplianceFixture,
  bytes: Uint8Array<ArrayBuffer>,
  { signal }: Abortable,
): Promise<SignalingErrorCode> {
  const over = new AbortController();
  const options = { signal: AbortSignal.any([signal, over.signal]) };
  const refused = Promise.withResolvers<SignalingErrorCode>();
  const meet = (thrown: unknown) => {
    if (thrown instanceof SignalingError) refused.resolve(thrown.code);
    else refused.reject(thrown);
  };
  const client = fixture.sendGarbage(bytes, options).catch(meet);
  const host = readOne(fixture, options).catch(meet);
  const code = await unlessAborted(refused.promise, signal);
  over.abort();
  await Promise.all([client, host]);
  return code;
}

async function readOne(fixture: ComplianceFixture, options: Abortable): Promise<never> {
  const { signaler } = await take(fixture.listener, options);
  await using host = signaler;
  const received = await new Reader(host, options).next();
  throw new Error(`The host took garbage for ${received?.type ?? 'an orderly end'}`);
}

/** What the client meets when garbage is said to it. */
async function meetGarbage(
  fixture: ComplianceFixture,
  bytes: Uint8Array<ArrayBuffer>,
  options: Abortable,
): Promise<unknown> {
  await using client = await fixture.dialGarbage(bytes, options);
  const reading = new Reader(client, options).next();
  const [received] = await Promise.all([reading, client.send(sampleOffer(), options)]);
  return received;
}

const malformedAtHost: ComplianceCase = async (fixture, options) => {
  for (const bytes of MALFORMED) {
    expect(MALFORMED_CODES, 'the code of the refusal').toContain(
      await refusalAtHost(fixture, bytes, options),
    );
  }
  await roundTrip(fixture, options);
};

const malformedAtClient: ComplianceCase = async (fixture, options) => {
  for (const bytes of MALFORMED) {
    await expectFailure(
      meetGarbage(fixture, bytes, options),
      MALFORMED_CODES,
      'a client that is told garbage',
    );
  }
};

const oversizeAtHost: ComplianceCase = async (fixture, options) => {
  expect(await refusalAtHost(fixture, oversizeMessage(), options), 'the code of the refusal').toBe(
    'oversize',
  );
  await roundTrip(fixture, options);
};

const oversizeAtClient: ComplianceCase = async (fixture, options) => {
  const met = meetGarbage(fixture, oversizeMessage(), options);
  await expectFailure(met, ['oversize'], 'a client that is told too much');
};

const oversizeAtSend: ComplianceCase = async (fixture, options) => {
  await using conversation = await converse(fixture, options);
  const { sdp } = sampleAnswer(0, { whole: true });
  const large = { type: 'answer', sdp: sdp.padEnd(MAX_SDP_BYTES + 1, 'a') } as const;
  await expectFailure(conversation.host.send(large, options), ['oversize'], 'a send of too much');
  await answer(fixture, conversation, options);
};

/** As `negotiate` does at the host when the Authorizer says no. */
async function refuseStranger(fixture: ComplianceFixture, options: Abortable): Promise<void> {
  const { signaler } = await take(fixture.listener, options);
  await using host = signaler;
  const offer = await new Reader(host, options).next();
  expect(offer, 'what the host was offered').toEqual(sampleOffer(0, STRANGER_FINGERPRINT));
  await host.close(new SignalingError('unauthorized', 'This fingerprint is not authorized'));
}

async function offerAsStranger(fixture: ComplianceFixture, options: Abortable): Promise<unknown> {
  await using client = await fixture.dial(options);
  const reading = new Reader(client, options).next();
  const [received] = await Promise.all([reading, client.send(sampleOffer(0, STRANGER_FINGERPRINT), options)]);
  return received;
}

const unauthorized: ComplianceCase = async (fixture, options) => {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  // With a gate in the transport the host never hears of the stranger, and stops waiting when the client was refused.
  const host = refuseStranger(fixture, { signal }).catch((thrown: unknown) => {
    if (!(thrown instanceof SignalingError && over.signal.aborted)) throw thrown;
  });
  const refused = expectFailure(
    offerAsStranger(fixture, options),
    ['unauthorized'],
    'the offer of a stranger',
  );
  await Promise.all([refused.finally(() => over.abort()), host]);
  await roundTrip(fixture, options);
};

/** Garbage, too much, and strangers. */
export const HOSTILE_CASES = {
  'a malformed message is refused by the host, which lives on': malformedAtHost,
  'a malformed message is refused by the client': malformedAtClient,
  'an oversize message is refused by the host, which lives on': oversizeAtHost,
  'an oversize message is refused by the client': oversizeAtClient,
  'an oversize signal is refused where it is sent': oversizeAtSend,
  'an unauthorized fingerprint gets no answer': unauthorized,
} satisfies Record<string, ComplianceCase>;
