import { type Role, SignalingError, type Trickle } from '@ouro/signaling';
import {
  initialNegotiation,
  type NegotiationEvent,
  type NegotiationEventType,
  type NegotiationPhase,
  type NegotiationState,
  transition,
} from '../../src/index.ts';

export const REASON = new SignalingError('ice-failed', 'No path');

export const EVENTS: readonly NegotiationEventType[] = [
  'local-offer-sent',
  'remote-offer-received',
  'authorized',
  'remote-description-set',
  'local-answer-sent',
  'remote-answer-received',
  'remote-candidate',
  'remote-end',
  'local-candidate-sent',
  'local-end',
  'ice-connected',
  'dtls-connected',
  'fingerprint-verified',
  'fail',
  'close',
];

export const event = (type: NegotiationEventType): NegotiationEvent =>
  type === 'fail' ? { type, error: REASON } : { type };

/** The state after these events. */
export function reached(role: Role, trickle: Trickle, ...types: NegotiationEventType[]): NegotiationState {
  return types.reduce((state, type) => transition(state, event(type)), initialNegotiation(role, trickle));
}

const OFFERER: NegotiationEventType[] = [
  'local-offer-sent',
  'remote-answer-received',
  'remote-description-set',
];
const ANSWERER: NegotiationEventType[] = [
  'remote-offer-received',
  'authorized',
  'remote-description-set',
  'local-answer-sent',
];
const CONNECTING: NegotiationEventType[] = ['ice-connected', 'dtls-connected', 'fingerprint-verified'];

/** The shortest way to each phase, on a transport where both ends trickle. */
export const WAYS: Record<NegotiationPhase, readonly [Role, readonly NegotiationEventType[]]> = {
  offering: ['offerer', []],
  offered: ['offerer', OFFERER.slice(0, 1)],
  answered: ['offerer', OFFERER.slice(0, 2)],
  waiting: ['answerer', []],
  authorizing: ['answerer', ANSWERER.slice(0, 1)],
  authorized: ['answerer', ANSWERER.slice(0, 2)],
  answering: ['answerer', ANSWERER.slice(0, 3)],
  checking: ['offerer', OFFERER],
  handshaking: ['answerer', [...ANSWERER, ...CONNECTING.slice(0, 1)]],
  verifying: ['offerer', [...OFFERER, ...CONNECTING.slice(0, 2)]],
  connected: ['answerer', [...ANSWERER, ...CONNECTING]],
  failed: ['offerer', [...OFFERER, 'fail']],
  closed: ['answerer', [...ANSWERER, 'close']],
};

/** A state in this phase. */
export function stateIn(phase: NegotiationPhase): NegotiationState {
  const [role, types] = WAYS[phase];
  return reached(role, 'both', ...types);
}
