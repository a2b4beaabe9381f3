import type { SignalingError } from './errors.ts';
import type { Signal } from './signal.ts';
import type { Trickle } from './trickle.ts';

/** What all that waits takes as its last parameter. */
export interface Abortable {
  signal: AbortSignal;
}

/**
 * What the road itself can say of the far end, proven before the first signal.
 * `login`: the road authenticated a user (SSH). `fingerprint`: it proved the key of this certificate
 * (compact form). `none`: nothing; the fingerprint of the offer must be authorized.
 */
export type Vouch =
  | { kind: 'none' }
  | { kind: 'login'; user: string }
  | { kind: 'fingerprint'; fingerprint: string };

/**
 * One end of one conversation between two peers that are about to connect. It moves signals and knows
 * nothing of WebRTC. Iteration gives the other end's signals in order, each once; it is for one reader,
 * ends when the other end has closed in order, and throws `SignalingError` when the road broke.
 */
export interface Signaler extends AsyncIterable<Signal>, AsyncDisposable {
  readonly trickle: Trickle;
  readonly remote: Vouch;
  /**
   * Resolves when the road has taken the signal (not when the far end has read it).
   * @throws SignalingError `closed` after close, `aborted` when the signal fires, or what the road met
   */
  send(signal: Signal, options: Abortable): Promise<void>;
  /** Ends the conversation; a reason is told to the far end as far as the road can. Twice is once. Never throws. */
  close(reason?: SignalingError): Promise<void>;
}

/** The client side of a road: opens one conversation. @throws SignalingError */
export type Dial<Target> = (target: Target, options: Abortable) => Promise<Signaler>;

/** The host side of a road: each iteration gives a conversation that a far peer opened. */
export interface SignalerListener extends AsyncIterable<Signaler>, AsyncDisposable {}
