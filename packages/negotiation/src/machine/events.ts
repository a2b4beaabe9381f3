import type { SignalingError } from '@ouro/signaling';

/**
 * What happens in a negotiation. `local-…-sent` is said when the signal is handed to the transport, before its
 * `send` resolves: the far end may react sooner than that.
 */
export type NegotiationEventType =
  | 'local-offer-sent'
  | 'remote-offer-received'
  /** Who sent the offer may connect. */
  | 'authorized'
  /** `setRemoteDescription` resolved, for the offer or the answer. */
  | 'remote-description-set'
  | 'local-answer-sent'
  | 'remote-answer-received'
  | 'remote-candidate'
  | 'remote-end'
  | 'local-candidate-sent'
  | 'local-end'
  /** W3C iceConnectionState `connected` or `completed`; may be said again. */
  | 'ice-connected'
  | 'dtls-connected'
  /** The certificate used in DTLS has the fingerprint that was signalled. */
  | 'fingerprint-verified'
  | 'fail'
  | 'close';

/** One event: its type, and for `fail` the reason. */
export type NegotiationEvent =
  | { readonly type: Exclude<NegotiationEventType, 'fail'> }
  | { readonly type: 'fail'; readonly error: SignalingError };
