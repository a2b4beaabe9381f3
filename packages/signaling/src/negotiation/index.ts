export type { NegotiationEvent, NegotiationEventType } from './events.ts';
export type {
  LocalCandidates,
  NegotiationEffect,
  NegotiationPhase,
  NegotiationSignalingState,
  NegotiationState,
  Role,
} from './state.ts';
export { initialNegotiation, mayTrickle, transition } from './transition.ts';
