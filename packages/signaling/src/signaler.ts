import type { IceServer } from '@ouro/webrtc-types';
import type { SignalingError } from './errors.ts';
import type { Answer, Offer, Signal } from './signal.ts';
import type { Trickle } from './trickle.ts';

/** What all that waits takes as its last parameter. */
export interface Abortable {
  signal: AbortSignal;
}

/**
 * What the transport itself can say of the far end, proven before the first signal.
 * `login`: the transport authenticated a user (SSH). `fingerprint`: it proved the key of this certificate
 * (compact form). `none`: nothing; the fingerprint of the offer must be authorized.
 */
export type RemoteIdentity =
  | { kind: 'none' }
  | { kind: 'login'; user: string }
  | { kind: 'fingerprint'; fingerprint: string };

/**
 * One end of one conversation between two peers that are about to connect. It moves signals and knows
 * nothing of WebRTC. Iteration gives the other end's signals in order, each once; it is for one reader,
 * ends when the other end has closed in order, and throws `SignalingError` when the transport broke.
 */
export interface Signaler extends AsyncIterable<Signal>, AsyncDisposable {
  readonly trickle: Trickle;
  /** What the transport vouches for. */
  readonly remote: RemoteIdentity;
  /** STUN and TURN servers that the far end has announced by now (RFC 9725 section 4.6). Credentials are passwords: never log one. */
  readonly iceServers?: readonly IceServer[];
  /**
   * Resolves when the transport has taken the signal (not when the far end has read it).
   * @throws SignalingError `closed` after close, `aborted` when the signal fires, or what the transport met
   */
  send(signal: Signal, options: Abortable): Promise<void>;
  /** Ends the conversation; a reason is told to the far end as far as the transport can. Twice is once. Never throws. */
  close(reason?: SignalingError): Promise<void>;
  /**
   * Restarts ICE, where the transport can bring a later offer, also after `close()`: `offer` is the peer's new one after
   * `restartIce()`, the result the answer to set on it. Candidates of its generation are given to `send` as before. A newer
   * restart replaces one that waits.
   * @throws SignalingError `invalid-state` when there is nothing to restart, `unprocessable` when the host cannot,
   * `aborted`, and what the transport meets; the old ICE session goes on then
   */
  restart?(offer: Offer, options: Abortable): Promise<Answer>;
}
