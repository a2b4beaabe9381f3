import { SignalingError } from '@ouro/signaling';
import { describe, expect, test } from 'vitest';
import { type NegotiationPhase, transition } from '../src/index.ts';
import { EVENTS, event, REASON, stateIn, WAYS } from './support/negotiations.ts';

/** Every arrow there is. */
const ARROWS = `
  offering -> local-offer-sent -> offered
  offering -> fail -> failed
  offering -> close -> closed

  offered -> remote-answer-received -> answered
  offered -> local-candidate-sent -> offered
  offered -> local-end -> offered
  offered -> remote-candidate -> offered
  offered -> remote-end -> offered
  offered -> fail -> failed
  offered -> close -> closed

  answered -> remote-description-set -> checking
  answered -> ice-connected -> answered
  answered -> local-candidate-sent -> answered
  answered -> local-end -> answered
  answered -> remote-candidate -> answered
  answered -> remote-end -> answered
  answered -> fail -> failed
  answered -> close -> closed

  waiting -> remote-offer-received -> authorizing
  waiting -> remote-candidate -> waiting
  waiting -> remote-end -> waiting
  waiting -> fail -> failed
  waiting -> close -> closed

  authorizing -> authorized -> authorized
  authorizing -> remote-candidate -> authorizing
  authorizing -> remote-end -> authorizing
  authorizing -> fail -> failed
  authorizing -> close -> closed

  authorized -> remote-description-set -> answering
  authorized -> remote-candidate -> authorized
  authorized -> remote-end -> authorized
  authorized -> fail -> failed
  authorized -> close -> closed

  answering -> local-answer-sent -> checking
  answering -> ice-connected -> answering
  answering -> remote-candidate -> answering
  answering -> remote-end -> answering
  answering -> fail -> failed
  answering -> close -> closed

  checking -> ice-connected -> handshaking
  checking -> local-candidate-sent -> checking
  checking -> local-end -> checking
  checking -> remote-candidate -> checking
  checking -> remote-end -> checking
  checking -> fail -> failed
  checking -> close -> closed

  handshaking -> dtls-connected -> verifying
  handshaking -> ice-connected -> handshaking
  handshaking -> local-candidate-sent -> handshaking
  handshaking -> local-end -> handshaking
  handshaking -> remote-candidate -> handshaking
  handshaking -> remote-end -> handshaking
  handshaking -> fail -> failed
  handshaking -> close -> closed

  verifying -> fingerprint-verified -> connected
  verifying -> ice-connected -> verifying
  verifying -> local-candidate-sent -> verifying
  verifying -> local-end -> verifying
  verifying -> remote-candidate -> verifying
  verifying -> remote-end -> verifying
  verifying -> fail -> failed
  verifying -> close -> closed

  connected -> ice-connected -> connected
  connected -> local-candidate-sent -> connected
  connected -> local-end -> connected
  connected -> remote-candidate -> connected
  connected -> remote-end -> connected
  connected -> fail -> failed
  connected -> close -> closed

  failed -> remote-offer-received -> failed
  failed -> remote-answer-received -> failed
  failed -> remote-candidate -> failed
  failed -> remote-end -> failed
  failed -> ice-connected -> failed
  failed -> dtls-connected -> failed
  failed -> fail -> failed
  failed -> close -> closed

  closed -> remote-offer-received -> closed
  closed -> remote-answer-received -> closed
  closed -> remote-candidate -> closed
  closed -> remote-end -> closed
  closed -> ice-connected -> closed
  closed -> dtls-connected -> closed
  closed -> fail -> closed
  closed -> close -> closed
`;

const named = ARROWS.split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');
const targets = new Map(
  named.map((line) => [line.slice(0, line.lastIndexOf(' -> ')), line.split(' -> ')[2]]),
);
const phases = Object.keys(WAYS).filter((name): name is NegotiationPhase => Object.hasOwn(WAYS, name));
const pairs = phases.flatMap((phase) =>
  EVENTS.map((type) => ({ phase, type, target: targets.get(`${phase} -> ${type}`) })),
);

/** What an event without an arrow throws: after the end the reason of the end, before it `invalid-state`. */
const refusal = (phase: NegotiationPhase): string => {
  if (phase === 'failed') return REASON.code;
  return phase === 'closed' ? 'closed' : 'invalid-state';
};

test('every arrow of the table starts in a phase and at an event that exist', () => {
  const known = new Set(pairs.map(({ phase, type }) => `${phase} -> ${type}`));
  expect([...targets.keys()].filter((key) => !known.has(key))).toEqual([]);
  expect(targets.size).toBe(named.length);
});

test.each(phases)('the way to "%s" leads there', (phase) => {
  expect(stateIn(phase).phase).toBe(phase);
});

describe('valid', () => {
  test.each(pairs.filter(({ target }) => target))('$phase -> $type -> $target', ({ phase, type, target }) => {
    expect(transition(stateIn(phase), event(type)).phase).toBe(target);
  });
});

describe('invalid', () => {
  test.each(pairs.filter(({ target }) => !target))('$phase -> $type -> (error)', ({ phase, type }) => {
    const state = stateIn(phase);
    const before = structuredClone({ ...state, error: undefined });
    let thrown: unknown;
    try {
      transition(state, event(type));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SignalingError);
    expect(thrown).toMatchObject({ code: refusal(phase) });
    expect({ ...state, error: undefined }).toEqual(before);
  });
});
