import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { Abortable, RemoteIdentity } from '@ouro/signaling';

/** How far a negotiation has come, for a person who waits. */
export type NegotiatePhase = 'gathering' | 'signaling' | 'ice' | 'dtls' | 'connected';

/** Says whether the owner of this certificate may connect; `vouch` is what the transport has proven. Throws if not. */
export type Authorize = (
  fingerprint: Fingerprint,
  vouch: RemoteIdentity,
  options: Abortable,
) => Promise<unknown>;

/** Who this end is in a negotiation, whom it accepts, and how long it waits. */
export interface NegotiateOptions extends Abortable {
  /** Who makes the offer. The offerer has created its data channels before. */
  role: 'offerer' | 'answerer';
  /**
   * Called by the answerer with the offer's fingerprint before anything of the offer reaches the peer. Without it
   * only a transport that has proven who is at the far end (a login, or that very fingerprint) is accepted.
   */
  authorize?: Authorize;
  /** The only certificate accepted from the far end (a pin). Compared before ICE starts. */
  expectedFingerprint?: Fingerprint;
  onPhase?: (phase: NegotiatePhase) => void;
  /** Milliseconds; see `GATHER_TIMEOUT_MS`, its default. */
  gatherTimeoutMs?: number;
  /** Milliseconds for all of it; default `NEGOTIATE_TIMEOUT_MS`. */
  timeoutMs?: number;
}

/** Who is connected with whom: the certificates that DTLS really used. */
export interface Negotiated {
  readonly localFingerprint: Fingerprint;
  readonly remoteFingerprint: Fingerprint;
}
