import { MAX_CANDIDATES, mayTrickle, type Role, SignalingError, type Trickle } from '@ouro/signaling';
import { ARROWS, BUFFERING, HARMLESS_WHEN_OVER, SIGNALING_STATES } from './arrows.ts';
import type { NegotiationEvent } from './events.ts';
import type { NegotiationEffect, NegotiationPhase, NegotiationState } from './state.ts';

/** The state of a negotiation in which nothing has happened yet. `trickle` is that of its Signaler. */
export function initialNegotiation(role: Role, trickle: Trickle): NegotiationState {
  const start = {
    role,
    trickle,
    localCandidates: mayTrickle(role, trickle) ? 'hold' : 'gather',
    effect: 'none',
    remoteCandidateCount: 0,
    remoteEnded: false,
    iceConnected: false,
    error: undefined,
  } as const;
  const phase = role === 'offerer' ? 'offering' : 'waiting';
  return { ...start, phase, signalingState: 'stable' };
}

/**
 * The state after one event. Pure: the same two values give the same result, and neither is changed.
 * After the end, late words of the far end and the stack change nothing, while an act of this end throws
 * the reason of the failure, or `closed`.
 * @throws SignalingError `invalid-state` for an event that has no arrow, `too-many` at the candidate after
 * the last one allowed
 */
export function transition(state: NegotiationState, event: NegotiationEvent): NegotiationState {
  if (event.type === 'close') return enter({ ...state, effect: 'none' }, 'closed');
  if (state.phase === 'failed' || state.phase === 'closed') return over(state, event);
  if (event.type === 'fail') return enter({ ...state, effect: 'none', error: event.error }, 'failed');
  const phase = ARROWS[state.phase][event.type];
  if (phase === undefined) throw invalid(state, event);
  return enter({ ...afterEvent(state, event), effect: effectOf(state, event) }, phase);
}

function enter(state: NegotiationState, next: NegotiationPhase): NegotiationState {
  const phase = next === 'checking' && state.iceConnected ? 'handshaking' : next;
  return { ...state, phase, signalingState: SIGNALING_STATES[phase] };
}

function effectOf(state: NegotiationState, event: NegotiationEvent): NegotiationEffect {
  if (event.type === 'remote-description-set') return 'flush';
  if (event.type !== 'remote-candidate' && event.type !== 'remote-end') return 'none';
  if (state.remoteEnded) return 'ignore';
  return BUFFERING.has(state.phase) ? 'buffer' : 'apply';
}

function over(state: NegotiationState, event: NegotiationEvent): NegotiationState {
  if (HARMLESS_WHEN_OVER.has(event.type)) return { ...state, effect: 'ignore' };
  throw state.error ?? new SignalingError('closed', 'The negotiation was closed; start a new connection');
}

function afterEvent(state: NegotiationState, event: NegotiationEvent): NegotiationState {
  switch (event.type) {
    case 'local-offer-sent':
    case 'local-answer-sent':
      return { ...state, localCandidates: state.localCandidates === 'hold' ? 'send' : 'ended' };
    case 'remote-offer-received':
      return { ...state, remoteEnded: state.remoteEnded || !mayTrickle('offerer', state.trickle) };
    case 'remote-answer-received':
      return { ...state, remoteEnded: state.remoteEnded || !mayTrickle('answerer', state.trickle) };
    case 'local-candidate-sent':
      return afterOwnCandidate(state, event, state.localCandidates);
    case 'local-end':
      return afterOwnCandidate(state, event, 'ended');
    case 'remote-candidate':
      return afterRemoteCandidate(state);
    case 'remote-end':
      return { ...state, remoteEnded: true };
    case 'ice-connected':
      return { ...state, iceConnected: true };
    default:
      return state;
  }
}

function afterOwnCandidate(
  state: NegotiationState,
  event: NegotiationEvent,
  localCandidates: NegotiationState['localCandidates'],
): NegotiationState {
  if (state.localCandidates !== 'send') throw invalid(state, event);
  return { ...state, localCandidates };
}

function afterRemoteCandidate(state: NegotiationState): NegotiationState {
  if (state.remoteEnded) return state;
  if (state.remoteCandidateCount >= MAX_CANDIDATES) {
    throw new SignalingError(
      'too-many',
      `The other end sent more than ${MAX_CANDIDATES} candidates; it may have too many network addresses`,
    );
  }
  return { ...state, remoteCandidateCount: state.remoteCandidateCount + 1 };
}

function invalid(state: NegotiationState, event: NegotiationEvent): SignalingError {
  return new SignalingError(
    'invalid-state',
    `"${event.type}" cannot happen while the ${state.role} is "${state.phase}" (own candidates: ${state.localCandidates}); one of the two ends does not follow the protocol`,
  );
}
