import type { IceServer } from '@ouro/webrtc-types';
import type { Abortable, RemoteIdentity, Signaler } from '../signaler.ts';
import type { TransportListener } from '../transport.ts';
import type { Trickle } from '../trickle.ts';

/** An end of a transport. */
export type Side = 'client' | 'host';

/**
 * One transport, set up for one test: a host that listens, and the ways to reach and to hurt it. Made anew for
 * every test and disposed after it; nothing of it may be left then.
 *
 * A transport may do its handshake in `dial` (SSH: the exec and READY) or with the offer (WHIP: the POST), so
 * `dial` may wait for the host to take the conversation, and the host for the client's `send(offer)`: the suite runs
 * them side by side.
 * A transport with a gate of its own (an Authorizer in front of the Signalers) authorizes the fingerprint
 * `AUTHORIZED_FINGERPRINT` only; a transport without one hands every conversation to the host, and the suite
 * then refuses the stranger as `negotiate` does, by `close` with `unauthorized`.
 */
export interface ComplianceFixture extends AsyncDisposable {
  /** Who may trickle on this transport; both ends' Signalers have to say the same. */
  readonly trickle: Trickle;
  /** Opens a conversation with the host. */
  dial(options: Abortable): Promise<Signaler>;
  /** The host's side: the conversations that clients open. */
  readonly listener: TransportListener;
  /** What each end's Signaler says that the transport vouches for of the other one. */
  readonly vouched: Readonly<Record<Side, RemoteIdentity>>;
  /** What the host announces; with none the case of announced servers has to be skipped. */
  readonly announced: readonly IceServer[];
  /** Opens a conversation with a host that takes the connection and then never says a word. */
  dialSilent(options: Abortable): Promise<Signaler>;
  /** Opens a conversation with a host that says `bytes` where its answer should be. */
  dialGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<Signaler>;
  /**
   * A client that says `bytes` to the real host where its offer should be. Resolves when they are delivered;
   * rejects with the SignalingError that the transport tells such a client, where it tells one. Whatever the
   * conversation needs is kept open until the fixture is disposed.
   */
  sendGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<void>;
  /** Breaks every open conversation as if the process at `side` had been killed: no goodbye is said. */
  vanish(side: Side): Promise<void>;
}
