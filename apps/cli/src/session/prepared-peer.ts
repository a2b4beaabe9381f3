import type { Identity } from '@ouro/fingerprint';
import type { IceServer, IceServerError } from '@ouro/ice';
import type { Peer } from '@ouro/peer';
import type { Session } from '@ouro/session/client';
import type { Abortable, Signaler } from '@ouro/signaling';
import { CONSENT_TIMEOUT_MS } from '../constants.ts';

/** What a peer is made of. */
export interface PrepareOptions extends Abortable {
  readonly identity: Promise<Identity>;
  readonly iceServers: Promise<readonly IceServer[]>;
  readonly onIceServerError: (error: IceServerError) => void;
  readonly version: string;
  /** The host is this machine: no server and no other interface is of use. */
  readonly local: boolean;
}

/** A peer that is ready to offer, with the session that will run on it. Disposing closes both. */
export interface PreparedPeer extends AsyncDisposable {
  readonly peer: Peer;
  readonly session: Session;
  /** The servers it was made with. */
  readonly servers: readonly IceServer[];
  /** Those of the servers a host announces that this peer can use. */
  usable(servers: NonNullable<Signaler['iceServers']>): readonly IceServer[];
}

/** Loads WebRTC and makes a peer. The first offer waits for no server: what they tell follows it. */
export async function preparePeer(options: PrepareOptions): Promise<PreparedPeer> {
  const { version, local, signal } = options;
  const [{ createPeer }, { usableIceServers }, { Session }, identity, own] = await Promise.all([
    import('@ouro/peer'),
    import('@ouro/ice'),
    import('@ouro/session/client'),
    options.identity,
    options.iceServers,
    // Needed a moment later; it loads meanwhile.
    import('@ouro/negotiation'),
  ]);
  const servers = local ? [] : [...own];
  const peer = await createPeer({
    identity,
    iceServers: servers,
    consentTimeoutMs: CONSENT_TIMEOUT_MS,
    loopbackOnly: local,
  });
  peer.addEventListener('icecandidateerror', (error) => options.onIceServerError(error));
  const session = await Session.open(peer, { signal, version });
  return {
    peer,
    session,
    servers,
    usable: (announced) => (local ? [] : usableIceServers(announced)),
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}
