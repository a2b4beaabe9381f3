import type { Answer, Candidate, EndOfCandidates, Offer } from './signal.ts';
import type { Abortable, RemoteIdentity, Signaler } from './signaler.ts';

/** The client's side of a transport: opens one conversation with the host that `target` names. @throws SignalingError */
export type Dial<Target> = (target: Target, options: Abortable) => Promise<Signaler>;

/** An ICE restart (RFC 8445 section 9) that the client asks for when the peers are connected already. */
export interface RestartRequest {
  /** With the new ICE credentials and the candidates known so far: for `setRemoteDescription`. */
  readonly offer: Offer;
  /** What the client trickles later in this generation. For one reader; ends with the next restart or the session. */
  readonly candidates: AsyncIterable<Candidate | EndOfCandidates>;
}

/**
 * Restarts ICE on the host's peer and resolves with the new answer, all candidates in it. A rejection is told to the
 * client, and everything stays as it was.
 */
export type RestartHandler = (request: RestartRequest, options: Abortable) => Promise<Answer>;

/** What outlives a conversation at its transport, where anything does: a WHIP session is ended and restarted by its URL. */
export interface TransportSession {
  /**
   * Aborts when the peer must be closed: the client ended the session, it did not connect in time, it went away before
   * its answer, the listener closes, or `closed` was called. The reason is a SignalingError.
   */
  readonly ended: AbortSignal;
  /** The peers are connected: the session no longer expires. */
  connected(): void;
  /** The peer closed: the session goes. Twice is once. */
  closed(): void;
  /** Takes part in ICE restarts; without a handler they are refused with `unprocessable`. */
  onRestart(handler: RestartHandler): void;
}

/** A conversation that a far peer has opened with this host. Who may connect is the host's decision, not the transport's. */
export interface IncomingConversation {
  /** The host's end of it: the offer is its first signal. The host closes it, with the reason where it refuses. */
  readonly signaler: Signaler;
  /** What the transport vouches for; the same as `signaler.remote`. */
  readonly remote: RemoteIdentity;
  /** What the transport calls the far end, for logs and status; it proves nothing. */
  readonly label?: string;
  /** The far end is on this very machine, or comes through a tunnel that ends on it. */
  readonly local: boolean;
  /** The bearer token that came with the offer (RFC 6750), for the host to judge. A secret: never log it. */
  readonly bearer?: string;
  /** Present where the transport keeps a session beyond the conversation. */
  readonly session?: TransportSession;
}

/**
 * The host's side of a transport: each iteration gives a conversation that a far peer opened. For one reader. Disposing
 * it ends the iteration, refuses what comes later with `unavailable`, and ends its sessions.
 */
export interface TransportListener extends AsyncIterable<IncomingConversation>, AsyncDisposable {}
