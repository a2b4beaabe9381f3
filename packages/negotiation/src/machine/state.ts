import type { Role, SignalingError, Trickle } from '@ouro/signaling';

/**
 * Where one negotiation stands. Offerer: `offering` -> `offered` -> `answered`; answerer: `waiting` ->
 * `authorizing` -> `authorized` -> `answering`; then both `checking` (ICE) -> `handshaking` (DTLS) ->
 * `verifying` (the certificate) -> `connected`. `failed` and `closed` are ends.
 */
export type NegotiationPhase =
  /** Offerer: makes its offer. */
  | 'offering'
  /** Offerer: its offer was handed to the transport; no answer yet. */
  | 'offered'
  /** Offerer: the answer came and is being set on the peer. */
  | 'answered'
  /** Answerer: no offer yet. */
  | 'waiting'
  /** Answerer: an offer came; whether its sender may connect is not known. Nothing of it has reached the peer. */
  | 'authorizing'
  /** Answerer: the sender may connect; its offer is being set on the peer. */
  | 'authorized'
  /** Answerer: the offer is set; the answer is being made. */
  | 'answering'
  /** Both descriptions are set; ICE looks for a path. */
  | 'checking'
  /** ICE has a path; DTLS shakes hands. */
  | 'handshaking'
  /** DTLS is up; the certificate really presented is not compared with the signalled fingerprint yet. */
  | 'verifying'
  | 'connected'
  | 'failed'
  | 'closed';

/** W3C `RTCSignalingState` of a peer that is not renegotiated. */
export type NegotiationSignalingState = 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed';

/**
 * What the event that led here asks of the driver.
 * `none`: nothing. `buffer`: keep the candidate or end-of-candidates it brought until `flush`. `apply`: give
 * it to the peer now. `flush`: give the peer all that was kept, in order, then end-of-candidates if
 * `remoteEnded`. `ignore`: drop it, since its generation has ended (RFC 8838 section 14).
 */
export type NegotiationEffect = 'none' | 'buffer' | 'apply' | 'flush' | 'ignore';

/**
 * What to do with an own candidate: put it into the description, which is sent when all are gathered
 * (`gather`); keep it until the description is handed over (`hold`, RFC 8838 section 10); `send` it; or
 * nothing, since the end was said (`ended`).
 */
export type LocalCandidates = 'gather' | 'hold' | 'send' | 'ended';

/** One value says all that the driver of a negotiation has to know. Never changed in place. */
export interface NegotiationState {
  readonly role: Role;
  readonly trickle: Trickle;
  readonly phase: NegotiationPhase;
  readonly signalingState: NegotiationSignalingState;
  readonly effect: NegotiationEffect;
  readonly localCandidates: LocalCandidates;
  /** Candidates of the far end so far, at most `MAX_CANDIDATES`; those in its description do not count. */
  readonly remoteCandidateCount: number;
  /** The far end has no more candidates: it said so, or it may not trickle and its description came. */
  readonly remoteEnded: boolean;
  /** ICE has a path. May come true while the answer is not handed over yet: the far end answers checks early (RFC 8445 section 7.3). */
  readonly iceConnected: boolean;
  /** Why `phase` is `failed`; the first reason stays. */
  readonly error: SignalingError | undefined;
}
