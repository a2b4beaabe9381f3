import type { NegotiationEventType } from './events.ts';
import type { NegotiationPhase, NegotiationSignalingState } from './state.ts';

type Arrows = Partial<Record<NegotiationEventType, NegotiationPhase>>;

/**
 * The arrows phase -> event -> phase before the end. `fail` and `close` start in every phase and are not
 * listed. An arrow to its own phase changes other parts of the state, or nothing.
 */
export const ARROWS: Record<Exclude<NegotiationPhase, 'failed' | 'closed'>, Arrows> = {
  offering: { 'local-offer-sent': 'offered' },
  offered: {
    'remote-answer-received': 'answered',
    'local-candidate-sent': 'offered',
    'local-end': 'offered',
    'remote-candidate': 'offered',
    'remote-end': 'offered',
  },
  answered: {
    'remote-description-set': 'checking',
    'ice-connected': 'answered',
    'local-candidate-sent': 'answered',
    'local-end': 'answered',
    'remote-candidate': 'answered',
    'remote-end': 'answered',
  },
  waiting: {
    'remote-offer-received': 'authorizing',
    'remote-candidate': 'waiting',
    'remote-end': 'waiting',
  },
  authorizing: {
    authorized: 'authorized',
    'remote-candidate': 'authorizing',
    'remote-end': 'authorizing',
  },
  authorized: {
    'remote-description-set': 'answering',
    'remote-candidate': 'authorized',
    'remote-end': 'authorized',
  },
  answering: {
    'local-answer-sent': 'checking',
    'ice-connected': 'answering',
    'remote-candidate': 'answering',
    'remote-end': 'answering',
  },
  checking: {
    'ice-connected': 'handshaking',
    'local-candidate-sent': 'checking',
    'local-end': 'checking',
    'remote-candidate': 'checking',
    'remote-end': 'checking',
  },
  handshaking: {
    'dtls-connected': 'verifying',
    'ice-connected': 'handshaking',
    'local-candidate-sent': 'handshaking',
    'local-end': 'handshaking',
    'remote-candidate': 'handshaking',
    'remote-end': 'handshaking',
  },
  verifying: {
    'fingerprint-verified': 'connected',
    'ice-connected': 'verifying',
    'local-candidate-sent': 'verifying',
    'local-end': 'verifying',
    'remote-candidate': 'verifying',
    'remote-end': 'verifying',
  },
  connected: {
    'ice-connected': 'connected',
    'local-candidate-sent': 'connected',
    'local-end': 'connected',
    'remote-candidate': 'connected',
    'remote-end': 'connected',
  },
};

/** What the far end and the stack may still say after the end: it changes nothing. */
export const HARMLESS_WHEN_OVER: ReadonlySet<NegotiationEventType> = new Set([
  'remote-offer-received',
  'remote-answer-received',
  'remote-candidate',
  'remote-end',
  'ice-connected',
  'dtls-connected',
  'fail',
  'close',
]);

/** The W3C signalingState of each phase. */
export const SIGNALING_STATES: Record<NegotiationPhase, NegotiationSignalingState> = {
  offering: 'stable',
  offered: 'have-local-offer',
  answered: 'have-local-offer',
  waiting: 'stable',
  authorizing: 'stable',
  authorized: 'stable',
  answering: 'have-remote-offer',
  checking: 'stable',
  handshaking: 'stable',
  verifying: 'stable',
  connected: 'stable',
  failed: 'closed',
  closed: 'closed',
};

/** Phases in which the remote description is not set: candidates of the far end have to wait (RFC 8829 section 4.1.19). */
export const BUFFERING: ReadonlySet<NegotiationPhase> = new Set([
  'offered',
  'answered',
  'waiting',
  'authorizing',
  'authorized',
]);
