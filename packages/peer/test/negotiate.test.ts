import { Identity } from '@ouro/fingerprint';
import { type NegotiateOptions, type NegotiatePhase, negotiate } from '@ouro/negotiation';
import {
  MAX_CANDIDATES,
  type RemoteIdentity,
  type Signal,
  SignalingError,
  type Trickle,
} from '@ouro/signaling';
import { expect, test } from 'vitest';
import type { Peer } from '../src/index.ts';
import { type End, linkedSignalers } from './support/pair.ts';
import { loopbackPeer } from './support/peers.ts';

const GIVE_UP = 10_000;

interface Case {
  trickle?: Trickle;
  remote?: RemoteIdentity;
  offerer?: Partial<NegotiateOptions>;
  answerer?: Partial<NegotiateOptions> | undefined;
  /** Changes what is on its way. */
  onPath?: (signal: Signal, from: 'offerer' | 'answerer') => Signal[];
}

interface Outcome {
  offerer: Peer;
  answerer: Peer;
  a: End;
  b: End;
  /** How each end ended: the result's remote fingerprint, or the code of the error. */
  ends: [string, string];
  errors: (SignalingError | undefined)[];
}

const allow = async (): Promise<void> => {};

async function run({ trickle, remote, onPath, ...options }: Case): Promise<Outcome> {
  const [here, there] = await Promise.all([Identity.generate(), Identity.generate()]);
  const [offerer, answerer] = await Promise.all([
    loopbackPeer({ identity: here }),
    loopbackPeer({ identity: there }),
  ]);
  const [a, b] = linkedSignalers(trickle, remote);
  const deliver = { offerer: b.deliver.bind(b), answerer: a.deliver.bind(a) };
  b.deliver = (signal) => (onPath?.(signal, 'offerer') ?? [signal]).forEach(deliver.offerer);
  a.deliver = (signal) => (onPath?.(signal, 'answerer') ?? [signal]).forEach(deliver.answerer);
  offerer.createDataChannel('%');
  const signal = AbortSignal.timeout(GIVE_UP);
  const results = await Promise.allSettled([
    negotiate(offerer, a, { role: 'offerer', signal, ...options.offerer }),
    negotiate(answerer, b, { role: 'answerer', signal, authorize: allow, ...options.answerer }),
  ]);
  const names = new Map([
    [here.fingerprint.compact, 'offerer'],
    [there.fingerprint.compact, 'answerer'],
  ]);
  const [first, second] = results.map((result) =>
    result.status === 'fulfilled'
      ? `knows ${names.get(result.value.remoteFingerprint.compact)}`
      : SignalingError.from(result.reason).code,
  );
  const errors = results.map((result) =>
    result.status === 'rejected' && result.reason instanceof SignalingError ? result.reason : undefined,
  );
  return { offerer, answerer, a, b, ends: [first ?? '', second ?? ''], errors };
}

/** Failed: both peers and both ends of the transport are closed. */
function expectClosed({ offerer, answerer, a, b }: Outcome): void {
  expect([offerer.connectionState, answerer.connectionState]).toEqual(['closed', 'closed']);
  expect([a.closedWith, b.closedWith]).not.toContain(undefined);
}

function closeAll({ offerer, answerer }: Outcome): void {
  offerer.close();
  answerer.close();
}

test.for(['both', 'offerer', 'none'] as const)(
  'with trickle %s both ends know each other',
  async (trickle) => {
    const outcome = await run({ trickle });
    expect(outcome.ends).toEqual(['knows answerer', 'knows offerer']);
    const kinds = outcome.b.sent.map(({ type }) => type);
    if (trickle !== 'both') expect(kinds).toEqual(['answer']);
    expect([outcome.a.closedWith, outcome.b.closedWith]).toEqual([undefined, undefined]);
    closeAll(outcome);
  },
);

test('what may not connect gets no answer, and nothing of its offer reaches the peer', async () => {
  const asked: [string, RemoteIdentity][] = [];
  const outcome = await run({
    remote: { kind: 'login', user: 'someone' },
    answerer: {
      authorize: async (fingerprint, vouch) => {
        asked.push([fingerprint.compact, vouch]);
        throw new SignalingError('unauthorized', 'Not on the list');
      },
    },
  });
  expect(outcome.ends).toEqual(['unauthorized', 'unauthorized']);
  expect(asked).toEqual([[expect.stringMatching(/^[0-9A-F]{64}$/), { kind: 'login', user: 'someone' }]]);
  expect(outcome.b.sent).toEqual([]);
  expect(outcome.answerer.remoteDescription).toBeNull();
  expect(outcome.answerer.iceGatheringState).toBe('new');
  expectClosed(outcome);
});

test('without an authorizer only a transport that has proven somebody is accepted', async () => {
  const nobody = { authorize: undefined } as unknown as Partial<NegotiateOptions>;
  expect((await run({ answerer: nobody })).ends).toEqual(['unauthorized', 'unauthorized']);
  const login = await run({ answerer: nobody, remote: { kind: 'login', user: 'me' } });
  expect(login.ends).toEqual(['knows answerer', 'knows offerer']);
  closeAll(login);
});

test('a transport that has proven one fingerprint does not carry an offer for another', async () => {
  const outcome = await run({ remote: { kind: 'fingerprint', fingerprint: 'AB'.repeat(32) } });
  expect(outcome.ends).toEqual(['fingerprint-mismatch', 'fingerprint-mismatch']);
  expect(outcome.b.sent).toEqual([]);
  expectClosed(outcome);
});

test('a pin that does not fit ends it before ICE starts', async () => {
  const { fingerprint } = await Identity.generate();
  const outcome = await run({ offerer: { expectedFingerprint: fingerprint } });
  expect(outcome.ends).toEqual(['fingerprint-mismatch', 'fingerprint-mismatch']);
  expect([...(await outcome.offerer.getStats()).values()].some(({ type }) => type === 'candidate-pair')).toBe(
    false,
  );
  expectClosed(outcome);
});

test('a pin that fits is no hindrance', async () => {
  const identity = await Identity.generate();
  const [offerer, answerer] = await Promise.all([loopbackPeer(), loopbackPeer({ identity })]);
  const [a, b] = linkedSignalers();
  const signal = AbortSignal.timeout(GIVE_UP);
  await Promise.all([
    negotiate(offerer, a, { role: 'offerer', signal, expectedFingerprint: identity.fingerprint }),
    negotiate(answerer, b, { role: 'answerer', signal, authorize: allow }),
  ]);
  offerer.close();
  answerer.close();
});

const withFingerprint = (sdp: string, fingerprint: string): string =>
  sdp.replace(/a=fingerprint:.*/, `a=fingerprint:${fingerprint}`);

test.for(['offer', 'answer'] as const)(
  'a fingerprint that was changed in the %s connects nobody',
  async (type) => {
    const { fingerprint } = await Identity.generate();
    const outcome = await run({
      onPath: (signal) =>
        signal.type === type ? [{ ...signal, sdp: withFingerprint(signal.sdp, fingerprint.sdp) }] : [signal],
    });
    expect(outcome.ends).toEqual(['fingerprint-mismatch', 'fingerprint-mismatch']);
    expectClosed(outcome);
  },
);

test.for([
  ['is no SDP', () => 'hello'],
  ['has no fingerprint', (sdp: string) => sdp.replace(/a=fingerprint.*\r\n/, '')],
  ['has two that differ', (sdp: string) => `${sdp}a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\n`],
  ['has no password', (sdp: string) => sdp.replace(/a=ice-pwd.*\r\n/, '')],
  ['has a candidate that cannot be', (sdp: string) => `${sdp}a=candidate:nonsense\r\n`],
] as const)('an offer or an answer that %s is told as bad-sdp on both ends', async ([, change]) => {
  for (const type of ['offer', 'answer']) {
    const outcome = await run({
      onPath: (signal) =>
        signal.type === type && 'sdp' in signal ? [{ ...signal, sdp: change(signal.sdp) }] : [signal],
    });
    expect(outcome.ends).toEqual(['bad-sdp', 'bad-sdp']);
    for (const error of outcome.errors) expect(error?.message).not.toContain('ice-pwd:');
    expectClosed(outcome);
  }
});

const candidate = (line: string): Signal => ({
  type: 'candidate',
  candidate: line,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: null,
});

test.for([
  ['malformed', candidate('candidate:nonsense')],
  [
    'of another generation',
    { ...candidate('candidate:1 1 udp 1 192.0.2.1 9 typ host'), usernameFragment: 'else' },
  ],
  [
    'for a section that is not there',
    { ...candidate('candidate:1 1 udp 1 192.0.2.1 9 typ host'), sdpMid: '7' },
  ],
] as const)('a candidate that is %s is told, never swallowed', async ([, bad]) => {
  const outcome = await run({
    onPath: (signal) => (signal.type === 'offer' ? [signal, bad as Signal] : [signal]),
  });
  expect(outcome.ends).toEqual(['bad-candidate', 'bad-candidate']);
  expectClosed(outcome);
});

test('candidates that cannot be used here, but are well formed, are no fault', async () => {
  const outcome = await run({
    onPath: (signal) =>
      signal.type === 'offer' ? [signal, candidate('candidate:1 1 udp 1 a1b2.local 9 typ host')] : [signal],
  });
  expect(outcome.ends).toEqual(['knows answerer', 'knows offerer']);
  closeAll(outcome);
});

test('candidates that come before the answer are kept', async () => {
  const early: Signal[] = [];
  const outcome = await run({
    onPath: (signal, from) => {
      if (from === 'offerer') return [signal];
      if (signal.type !== 'answer') return [signal];
      const lines = signal.sdp.match(/a=candidate:.*/g) ?? [];
      early.push(...lines.map((line) => candidate(line.slice(2))));
      return [...early, { ...signal, sdp: signal.sdp.replaceAll(/a=candidate:.*\r\n/g, '') }];
    },
  });
  expect(early.length).toBeGreaterThan(0);
  expect(outcome.ends).toEqual(['knows answerer', 'knows offerer']);
  closeAll(outcome);
});

test('one candidate more than the cap is too many', async () => {
  const many = Array.from({ length: MAX_CANDIDATES + 1 }, (_, i) =>
    candidate(`candidate:1 1 udp 1 192.0.2.1 ${i + 1} typ host`),
  );
  const outcome = await run({
    onPath: (signal, from) =>
      from === 'answerer' && signal.type === 'answer' ? [...many, signal] : [signal],
  });
  expect(outcome.ends[0]).toBe('too-many');
  expectClosed(outcome);
});

test('a second offer, or an answer to nobody, is an invalid-state', async () => {
  const twice = await run({ onPath: (signal) => (signal.type === 'offer' ? [signal, signal] : [signal]) });
  expect(twice.ends).toContain('invalid-state');
  expectClosed(twice);
});

const PHASES: NegotiatePhase[] = ['gathering', 'signaling', 'ice', 'dtls'];

test.for(PHASES.flatMap((phase) => [[phase, 'offerer'] as const, [phase, 'answerer'] as const]))(
  'an abort in phase %s by the %s ends both',
  async ([phase, who]) => {
    const controller = new AbortController();
    const onPhase = (reached: NegotiatePhase): void => {
      if (reached === phase) controller.abort();
    };
    const outcome = await run({ [who]: { signal: controller.signal, onPhase } });
    expect(outcome.ends[who === 'offerer' ? 0 : 1]).toBe('aborted');
    expect(outcome.ends).not.toContain('knows offerer');
    expectClosed(outcome);
  },
);

test('an abort before the beginning does nothing but close', async () => {
  const outcome = await run({ offerer: { signal: AbortSignal.abort() } });
  expect(outcome.ends[0]).toBe('aborted');
  expect(outcome.a.sent).toEqual([]);
  expectClosed(outcome);
});

test('an abort while the authorizer thinks ends both', async () => {
  const controller = new AbortController();
  const outcome = await run({
    answerer: {
      signal: controller.signal,
      authorize: (_, __, { signal }) => {
        controller.abort();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    },
  });
  expect(outcome.ends[1]).toBe('aborted');
  expectClosed(outcome);
});

test('an offer that nobody answers runs out of time', async () => {
  const outcome = await run({ offerer: { timeoutMs: 50 }, onPath: () => [] });
  expect(outcome.ends[0]).toBe('timeout');
  expectClosed(outcome);
});

test('a far end that goes away before it has answered is told', async () => {
  const [a, b] = linkedSignalers();
  const offerer = await loopbackPeer();
  const negotiating = negotiate(offerer, a, { role: 'offerer', signal: AbortSignal.timeout(GIVE_UP) });
  await b.close();
  await expect(negotiating).rejects.toMatchObject({ code: 'closed' });
  expect(offerer.connectionState).toBe('closed');
});

test('a transport that breaks once both descriptions are exchanged does not stop the connection', async () => {
  const [offerer, answerer] = await Promise.all([loopbackPeer(), loopbackPeer()]);
  const [a, b] = linkedSignalers('none');
  const signal = AbortSignal.timeout(GIVE_UP);
  const lost = new SignalingError('lost', 'The transport broke');
  await Promise.all([
    negotiate(offerer, a, {
      role: 'offerer',
      signal,
      onPhase: (phase) => {
        if (phase === 'ice') a.finish(lost);
      },
    }),
    negotiate(answerer, b, {
      role: 'answerer',
      signal,
      authorize: allow,
      onPhase: (phase) => {
        if (phase === 'ice') b.finish(lost);
      },
    }),
  ]);
  offerer.close();
  answerer.close();
});
