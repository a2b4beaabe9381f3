import { describe, expect, test } from 'vitest';
import { COMPLIANCE_CASES } from '../src/compliance/cases/index.ts';
import type { ComplianceCaseName, ComplianceFixture } from '../src/compliance/index.ts';
import { planCases } from '../src/compliance/plan.ts';
import { type Signal, type Signaler, SignalingError, type TransportListener } from '../src/index.ts';
import { memoryFixture } from './support/memory-fixture.ts';

type Change = (signaler: Signaler) => Partial<Signaler>;

/** A Signaler with some of its ways changed for the worse. */
function worse(signaler: Signaler, change: Change): Signaler {
  return {
    trickle: signaler.trickle,
    remote: signaler.remote,
    ...(signaler.iceServers === undefined ? {} : { iceServers: signaler.iceServers }),
    ...(signaler.restart && {
      restart: (offer, options) => signaler.restart?.(offer, options) ?? Promise.reject(),
    }),
    send: (signal, options) => signaler.send(signal, options),
    close: (reason) => signaler.close(reason),
    [Symbol.asyncIterator]: () => signaler[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => signaler.close(),
    ...change(signaler),
  };
}

/** A listener whose conversations have worse Signalers. */
function worseListener(listener: TransportListener, change: Change): TransportListener {
  return {
    [Symbol.asyncIterator]: () => {
      const inner = listener[Symbol.asyncIterator]();
      return {
        next: async () => {
          const next = await inner.next();
          if (next.done) return next;
          return { done: false, value: { ...next.value, signaler: worse(next.value.signaler, change) } };
        },
        return: async () => (await inner.return?.()) ?? { done: true, value: undefined },
      };
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** The memory transport with worse Signalers. */
function broken({ client, host }: { client?: Change; host?: Change }): ComplianceFixture {
  const transport = memoryFixture({});
  return {
    ...transport,
    dial: async (options) => worse(await transport.dial(options), client ?? (() => ({}))),
    dialGarbage: async (bytes, options) =>
      worse(await transport.dialGarbage(bytes, options), client ?? (() => ({}))),
    listener: worseListener(transport.listener, host ?? (() => ({}))),
  };
}

const read =
  (change: (signals: Signaler) => AsyncGenerator<Signal, void>): Change =>
  (signaler) => ({
    [Symbol.asyncIterator]: () => change(signaler),
  });

const losesEnds = read(async function* (signals) {
  for await (const signal of signals) if (signal.type !== 'end-of-candidates') yield signal;
});

const repeatsCandidates = read(async function* (signals) {
  for await (const signal of signals) {
    yield signal;
    if (signal.type === 'candidate') yield signal;
  }
});

const swapsCandidates = read(async function* (signals) {
  const held: Signal[] = [];
  let swapped = false;
  for await (const signal of signals) {
    if (signal.type !== 'candidate' || swapped) yield signal;
    else held.unshift(signal);
    if (held.length < 2) continue;
    swapped = true;
    yield* held.splice(0);
  }
});

const forgetsGenerations = read(async function* (signals) {
  for await (const signal of signals) {
    yield signal.type === 'end-of-candidates' ? { ...signal, usernameFragment: null } : signal;
  }
});

const takesFailureForTheEnd = read(async function* (signals) {
  try {
    yield* signals;
  } catch (thrown) {
    if (!(thrown instanceof SignalingError)) throw thrown;
  }
});

const forgetsReasons: Change = (signaler) => ({ close: () => signaler.close() });

const closesOnce: Change = (signaler) => {
  let closed = false;
  return {
    close: async (reason) => {
      if (closed) throw new Error('It is closed');
      closed = true;
      await signaler.close(reason);
    },
  };
};

const sendsIntoTheVoid: Change = (signaler) => ({
  send: (signal, options) => signaler.send(signal, options).catch(() => {}),
});

const throwsWhatIsNoSignalingError: Change = (signaler) => ({
  send: (signal, options) =>
    signaler.send(signal, options).catch(() => {
      throw new TypeError('Something went wrong');
    }),
});

const deafDial = (): ComplianceFixture => {
  const transport = memoryFixture({});
  const forever = { signal: new AbortController().signal };
  return {
    ...transport,
    dial: () => transport.dial(forever),
    dialSilent: () => transport.dialSilent(forever),
  };
};

const wrongTrickle = (): ComplianceFixture => ({ ...memoryFixture({}), trickle: 'none' });

const answersFromMemory: Change = () => ({
  restart: async () => ({ type: 'answer', sdp: 'v=0\r\na=ice-ufrag:old\r\n' }),
});

/** A client that closes says nothing of the reason. */
function forgetsSessions(): ComplianceFixture {
  return broken({ client: forgetsReasons });
}

/** A reader that cannot be left: what it waits for is taken, and lost. */
function withoutLeaving(listener: TransportListener): TransportListener {
  return {
    [Symbol.asyncIterator]: () => {
      const inner = listener[Symbol.asyncIterator]();
      return { next: () => inner.next() };
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function changedListener(change: (listener: TransportListener) => TransportListener): ComplianceFixture {
  const transport = memoryFixture({});
  return { ...transport, listener: change(transport.listener) };
}

const MUTANTS: readonly [string, ComplianceCaseName, () => ComplianceFixture][] = [
  ['says another trickle than it has', 'an offer gets its answer', wrongTrickle],
  [
    'repeats',
    'candidates trickle both ways, as far as the transport lets them',
    () => broken({ host: repeatsCandidates }),
  ],
  [
    'reorders',
    'candidates trickle both ways, as far as the transport lets them',
    () => broken({ client: swapsCandidates }),
  ],
  [
    'reorders early ones',
    'candidates may be sent before the answer',
    () => broken({ host: swapsCandidates }),
  ],
  ['loses the end', 'end-of-candidates arrives behind the last candidate', () => broken({ host: losesEnds })],
  [
    'forgets generations',
    'end-of-candidates arrives behind the last candidate',
    () => broken({ client: forgetsGenerations }),
  ],
  ['ignores an abort', 'a dial that is cancelled before it begins is refused', deafDial],
  ['ignores a late abort', 'a dial can be cancelled in the middle', deafDial],
  [
    'hides a loss',
    'a host that vanishes is noticed by the client',
    () => broken({ client: takesFailureForTheEnd }),
  ],
  [
    'hides a loss',
    'a client that vanishes is noticed by the host',
    () => broken({ host: takesFailureForTheEnd }),
  ],
  [
    'forgets the reason',
    'an unauthorized fingerprint gets no answer',
    () => broken({ host: forgetsReasons }),
  ],
  [
    'hides garbage',
    'a malformed message is refused by the client',
    () => broken({ client: takesFailureForTheEnd }),
  ],
  [
    'hides garbage',
    'a malformed message is refused by the host, which lives on',
    () => broken({ host: takesFailureForTheEnd }),
  ],
  [
    'hides too much',
    'an oversize message is refused by the client',
    () => broken({ client: takesFailureForTheEnd }),
  ],
  [
    'sends too much',
    'an oversize signal is refused where it is sent',
    () => broken({ host: sendsIntoTheVoid }),
  ],
  [
    'throws anything',
    'an oversize signal is refused where it is sent',
    () => broken({ host: throwsWhatIsNoSignalingError }),
  ],
  ['closes only once', 'closing twice is closing once', () => broken({ host: closesOnce })],
  ['swallows sends', 'nothing can be sent after close', () => broken({ client: sendsIntoTheVoid })],
  ['swallows sends', 'a send that is cancelled sends nothing', () => broken({ host: sendsIntoTheVoid })],
  ['mixes', 'ten conversations at once do not mix', mixing],
  [
    'vouches for anybody',
    'each end is told what the transport vouches for',
    () => broken({ host: () => ({ remote: { kind: 'login', user: 'eve' } }) }),
  ],
  [
    'keeps the servers to itself',
    'a client knows the ICE servers that the host announces',
    () => broken({ client: () => ({ iceServers: [] }) }),
  ],
  [
    'answers restarts with what it had',
    'a restart of ICE gets its answer, and candidates follow it',
    () => broken({ client: answersFromMemory }),
  ],
  [
    'cannot refuse a restart',
    'a restart that is refused leaves the session as it was',
    () => broken({ client: answersFromMemory }),
  ],
  [
    'restarts the dead',
    'a session that has ended cannot be restarted',
    () => broken({ client: answersFromMemory }),
  ],
  ['leaves sessions behind', 'a client that closes with a reason ends the session', forgetsSessions],
  [
    'takes conversations along',
    'a host that stops waiting takes no conversation with it',
    () => changedListener(withoutLeaving),
  ],
  [
    'listens for ever',
    'a listener that is closed ends, and refuses later dials',
    () => changedListener((listener) => ({ ...listener, [Symbol.asyncDispose]: async () => {} })),
  ],
];

/** What the host of one conversation says goes to the client of the next. */
function mixing(): ComplianceFixture {
  const transport = memoryFixture({});
  const hosts: Signaler[] = [];
  return {
    ...transport,
    listener: worseListener(transport.listener, (host) => {
      const at = hosts.push(host);
      return { send: async (signal, waiting) => hosts[at % hosts.length]?.send(signal, waiting) };
    }),
  };
}

describe('a transport that is broken fails the suite', () => {
  test.each(MUTANTS)('one that %s fails "%s"', async (_what, name, setup) => {
    await using fixture = setup();
    // Some faults show only as a wait without end.
    const signal = AbortSignal.timeout(250);
    const running = COMPLIANCE_CASES[name](fixture, { signal });
    const deadline = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('It waited for ever')));
    });
    await expect(Promise.race([running, deadline])).rejects.toThrow();
  });
});

describe('the plan of a run', () => {
  const name = 'closing twice is closing once';

  test('has every case, with the reasons of those skipped', () => {
    const plan = planCases([{ reason: 'no close here', cases: [name] }]);
    expect(plan.map((planned) => planned.name)).toEqual(Object.keys(COMPLIANCE_CASES));
    expect(plan.filter(({ skippedFor }) => skippedFor)).toEqual([{ name, skippedFor: 'no close here' }]);
  });

  test('refuses a skip of what is not there', () => {
    const skip = [{ reason: 'typing error', cases: ['closing twise'] }];
    // @ts-expect-error: the type refuses it too
    expect(() => planCases(skip)).toThrow(/no compliance case "closing twise"/);
  });

  test('refuses a skip without a reason, and one made twice', () => {
    expect(() => planCases([{ reason: ' ', cases: [name] }])).toThrow(/without a reason/);
    expect(() => planCases([{ reason: 'x', cases: [name, name] }])).toThrow(/twice/);
  });

  test('refuses to run nothing', () => {
    const names = planCases([]).map((planned) => planned.name);
    const [first, ...rest] = names;
    if (first === undefined) throw new Error('There is no case');
    expect(() => planCases([{ reason: 'all', cases: [first, ...rest] }])).toThrow(/Every compliance case/);
  });
});
