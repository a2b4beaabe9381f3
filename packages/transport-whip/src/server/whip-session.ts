import type { Abortable, Answer, Candidate, EndOfCandidates, Offer } from '@ouro/signaling';

/** An ICE restart that the client asks for. */
export interface RestartRequest {
  /** The session's offer with the new ICE credentials and the candidates known so far: for `setRemoteDescription`. */
  readonly offer: Offer;
  /** What the client trickles later in this generation. For one reader; ends with the next restart or the session. */
  readonly candidates: AsyncIterable<Candidate | EndOfCandidates>;
}

/**
 * Restarts ICE on the host's peer and resolves with the new answer, all candidates in it. A rejection is told to
 * the client and leaves the session as it was (RFC 9725 section 4.3.3).
 */
export type RestartHandler = (request: RestartRequest, options: Abortable) => Promise<Answer>;

/** The host's hold on one session. */
export interface WhipSession {
  /** Random; the last part of the session URL. A capability: never log it whole. */
  readonly id: string;
  /**
   * Aborts when the peer must be closed: the client sent DELETE, it did not connect in time, it went away before its
   * answer, the server closes, or `closed` was called. The reason is a SignalingError.
   */
  readonly ended: AbortSignal;
  /** The peers are connected: the session no longer expires. */
  connected(): void;
  /** The peer closed: the session goes, and later requests get 404. */
  closed(): void;
  /** Takes part in ICE restarts; without a handler they are refused with 422. */
  onRestart(handler: RestartHandler): void;
}
