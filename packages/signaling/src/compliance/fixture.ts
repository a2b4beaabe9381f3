import type { Abortable, Signaler } from '../signaler.ts';
import type { Trickle } from '../trickle.ts';

/** An end of a road. */
export type Side = 'client' | 'host';

/**
 * One road, set up for one test: a host that listens, and the ways to reach and to hurt it. Made anew for
 * every test and disposed after it; nothing of it may be left then.
 *
 * A road may do its handshake in `dial` (SSH: the exec and READY) or with the offer (WHIP: the POST), so
 * `dial` may wait for `accept`, and `accept` for the client's `send(offer)`: the suite runs them side by side.
 * A road with a gate of its own (an Authorizer in front of the Signalers) authorizes the fingerprint
 * `AUTHORIZED_FINGERPRINT` only; a road without one hands every conversation to the host, and the suite
 * then refuses the stranger as `negotiate` does, by `close` with `unauthorized`.
 */
export interface ComplianceFixture extends AsyncDisposable {
  /** Who may trickle on this road; both ends' Signalers have to say the same. */
  readonly trickle: Trickle;
  /** Opens a conversation with the host. */
  dial(options: Abortable): Promise<Signaler>;
  /** The next conversation that a client opened; the host's end of it. */
  accept(options: Abortable): Promise<Signaler>;
  /** Opens a conversation with a host that takes the connection and then never says a word. */
  dialSilent(options: Abortable): Promise<Signaler>;
  /** Opens a conversation with a host that says `bytes` where its answer should be. */
  dialGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<Signaler>;
  /**
   * A client that says `bytes` to the real host where its offer should be. Resolves when they are delivered;
   * rejects with the SignalingError that the road tells such a client, where it tells one. Whatever the
   * conversation needs is kept open until the fixture is disposed.
   */
  sendGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<void>;
  /** Breaks every open conversation as if the process at `side` had been killed: no goodbye is said. */
  vanish(side: Side): Promise<void>;
}
