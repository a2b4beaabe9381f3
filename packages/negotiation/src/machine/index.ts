export type { NegotiationEvent, NegotiationEventType } from './events.ts';
export type {
  LocalCandidates,
  NegotiationEffect,
  NegotiationPhase,
  NegotiationSignalingState,
  NegotiationState,
} from './state.ts';
export { initialNegotiation, transition } from './transition.ts';
