import { MAX_CANDIDATES, SignalingError } from '@ouro/signaling';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  initialNegotiation,
  type NegotiationEventType,
  type NegotiationState,
  transition,
} from '../src/index.ts';
import { EVENTS, event, REASON, reached, stateIn } from './support/negotiations.ts';

describe('candidates of the far end', () => {
  test('wait for the answer to be set, then are applied', () => {
    const early = reached('offerer', 'both', 'local-offer-sent', 'remote-candidate');
    expect(early.effect).toBe('buffer');
    const received = transition(early, event('remote-answer-received'));
    expect(transition(received, event('remote-candidate')).effect).toBe('buffer');
    const set = transition(received, event('remote-description-set'));
    expect(set.effect).toBe('flush');
    expect(transition(set, event('remote-candidate')).effect).toBe('apply');
  });

  test('never reach the peer before their sender is authorized', () => {
    for (const phase of ['waiting', 'authorizing', 'authorized'] as const) {
      expect(transition(stateIn(phase), event('remote-candidate')).effect).toBe('buffer');
    }
  });

  test('are ignored behind the end of candidates, and an end said twice is one', () => {
    const ended = transition(stateIn('checking'), event('remote-end'));
    expect(ended).toMatchObject({ effect: 'apply', remoteEnded: true });
    expect(transition(ended, event('remote-candidate'))).toMatchObject({
      effect: 'ignore',
      remoteCandidateCount: 0,
    });
    expect(transition(ended, event('remote-end')).effect).toBe('ignore');
  });

  test('that ended before the answer leave an end to apply at the flush', () => {
    const types = ['local-offer-sent', 'remote-candidate', 'remote-end', 'remote-answer-received'] as const;
    const state = reached('offerer', 'both', ...types, 'remote-description-set');
    expect(state).toMatchObject({ effect: 'flush', remoteEnded: true, remoteCandidateCount: 1 });
  });

  test('are at most MAX_CANDIDATES', () => {
    let state = stateIn('checking');
    for (let count = 0; count < MAX_CANDIDATES; count += 1)
      state = transition(state, event('remote-candidate'));
    expect(state.remoteCandidateCount).toBe(MAX_CANDIDATES);
    expect(() => transition(state, event('remote-candidate'))).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
  });

  test.each([
    ['offerer', 'offerer', ['local-offer-sent', 'remote-answer-received']],
    ['offerer', 'none', ['local-offer-sent', 'remote-answer-received']],
    ['answerer', 'none', ['remote-offer-received']],
  ] as const)(
    'have ended with the description for the %s on a transport where "%s" trickles',
    (role, trickle, types) => {
      expect(reached(role, trickle, ...types).remoteEnded).toBe(true);
    },
  );

  test('are still to come for the answerer on a transport where the offerer trickles', () => {
    expect(reached('answerer', 'offerer', 'remote-offer-received').remoteEnded).toBe(false);
  });
});

describe('own candidates', () => {
  test('are held until the description was handed over, then sent until their end', () => {
    expect(initialNegotiation('offerer', 'both').localCandidates).toBe('hold');
    const sent = reached('offerer', 'both', 'local-offer-sent', 'local-candidate-sent');
    expect(sent.localCandidates).toBe('send');
    expect(transition(sent, event('local-end')).localCandidates).toBe('ended');
  });

  test.each(['local-candidate-sent', 'local-end'] as const)('know no %s behind their end', (type) => {
    const ended = reached('offerer', 'both', 'local-offer-sent', 'local-end');
    expect(() => transition(ended, event(type))).toThrow(expect.objectContaining({ code: 'invalid-state' }));
  });

  test.each([
    ['answerer', 'offerer'],
    ['answerer', 'none'],
    ['offerer', 'none'],
  ] as const)('are gathered first by the %s on a transport where "%s" trickles', (role, trickle) => {
    expect(initialNegotiation(role, trickle).localCandidates).toBe('gather');
  });

  test('have ended with a whole answer', () => {
    const types = [
      'remote-offer-received',
      'authorized',
      'remote-description-set',
      'local-answer-sent',
    ] as const;
    const state = reached('answerer', 'offerer', ...types);
    expect(state.localCandidates).toBe('ended');
    expect(() => transition(state, event('local-candidate-sent'))).toThrow(SignalingError);
  });
});

describe('ICE', () => {
  test('that connects before the answer is handed over is remembered', () => {
    const types = ['remote-offer-received', 'authorized', 'remote-description-set', 'ice-connected'] as const;
    const early = reached('answerer', 'both', ...types);
    expect(early).toMatchObject({ phase: 'answering', iceConnected: true });
    expect(transition(early, event('local-answer-sent')).phase).toBe('handshaking');
  });

  test('that connects while the answer is being set is remembered', () => {
    const early = reached('offerer', 'both', 'local-offer-sent', 'remote-answer-received', 'ice-connected');
    expect(transition(early, event('remote-description-set'))).toMatchObject({
      phase: 'handshaking',
      effect: 'flush',
    });
  });
});

test('signalingState follows the W3C', () => {
  const states = (phase: Parameters<typeof stateIn>[0]) => stateIn(phase).signalingState;
  expect([states('offering'), states('offered'), states('answered'), states('checking')]).toEqual([
    'stable',
    'have-local-offer',
    'have-local-offer',
    'stable',
  ]);
  expect([states('waiting'), states('authorizing'), states('answering'), states('connected')]).toEqual([
    'stable',
    'stable',
    'have-remote-offer',
    'stable',
  ]);
  expect([states('failed'), states('closed')]).toEqual(['closed', 'closed']);
});

test('the first failure stays, also behind close', () => {
  const failed = stateIn('failed');
  const again = transition(failed, { type: 'fail', error: new SignalingError('timeout', 'Later') });
  expect(again.error).toBe(REASON);
  expect(transition(again, event('close')).error).toBe(REASON);
});

/** The next state, or undefined if there is none; anything but a SignalingError is a failure. */
function attempt(state: NegotiationState, type: NegotiationEventType): NegotiationState | undefined {
  try {
    return Object.freeze(transition(state, event(type)));
  } catch (thrown) {
    if (thrown instanceof SignalingError) return undefined;
    throw thrown;
  }
}

const STARTS = fc.tuple(fc.constantFrom('offerer', 'answerer'), fc.constantFrom('both', 'offerer', 'none'));

test('any order of events gives a state or a SignalingError, and never changes a state in place', () => {
  const types = fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 });
  fc.assert(
    fc.property(STARTS, types, ([role, trickle], sequence) => {
      let state: NegotiationState = Object.freeze(initialNegotiation(role, trickle));
      for (const type of sequence) state = attempt(state, type) ?? state;
    }),
    { numRuns: 10_000 },
  );
});

test('whatever happens, "connected" is reached only by way of authorization and the certificate', () => {
  const inTime = EVENTS.filter((type) => type !== 'fail' && type !== 'close');
  let connected = 0;
  fc.assert(
    fc.property(STARTS, fc.array(fc.nat(), { minLength: 60, maxLength: 90 }), ([role, trickle], choices) => {
      let state = initialNegotiation(role, trickle);
      const taken = new Set<NegotiationEventType>();
      for (const choice of choices) {
        const open = inTime.filter((type) => attempt(state, type));
        const type = open[choice % open.length] ?? 'ice-connected';
        state = attempt(state, type) ?? state;
        taken.add(type);
      }
      if (state.phase !== 'connected') return;
      connected += 1;
      expect(taken).toContain('fingerprint-verified');
      expect(taken).toContain('dtls-connected');
      if (role === 'answerer') expect(taken).toContain('authorized');
    }),
    { numRuns: 1_000 },
  );
  expect(connected).toBeGreaterThan(100);
});
