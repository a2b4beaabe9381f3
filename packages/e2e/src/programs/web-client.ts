import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer, type Peer } from '@ouro/peer';
import { Session } from '@ouro/session/client';
import type { Offer, Signal, Signaler } from '@ouro/signaling';
import { dialWhip } from '@ouro/transport-whip/client';
import { tlsFetch } from '@ouro/transport-whip/node';
import type { TemporaryHome } from './temporary-home.ts';

/** A client in this process that is connected. */
export interface WebClient extends AsyncDisposable {
  readonly peer: Peer;
  readonly session: Session;
}

/** How a client connects. */
export interface WebClientOptions {
  readonly url: string;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  /** Changes the offer on its way. */
  readonly tamper?: (offer: Offer) => Offer;
}

/** The identity of the `ouro` program of a home. */
export const identityOf = async ({ env }: TemporaryHome): Promise<Identity> =>
  Identity.parse(await readFile(join(env.XDG_CONFIG_HOME ?? '', 'ouro', 'client.pem'), 'utf8'));

/** Connects to an agent over HTTP. @throws SignalingError */
export async function connectWeb({ url, identity, signal, tamper }: WebClientOptions): Promise<WebClient> {
  // A connection for each request: how many a pool holds open changes from one moment to the next.
  await using plain = await dialWhip({ url, fetch: tlsFetch() }, { signal });
  const signaler = tamper === undefined ? plain : tampered(plain, tamper);
  const peer = await createPeer({ identity, iceServers: [], loopbackOnly: true });
  try {
    const session = await Session.open(peer, { signal, version: '0.0.0' });
    await negotiate(peer, signaler, { role: 'offerer', signal });
    return { peer, session, [Symbol.asyncDispose]: () => leave(session, peer) };
  } catch (thrown) {
    await peer[Symbol.asyncDispose]();
    throw thrown;
  }
}

const leave = async (session: Session, peer: Peer): Promise<void> => {
  await session.close();
  await peer[Symbol.asyncDispose]();
};

const tampered = (signaler: Signaler, change: (offer: Offer) => Offer): Signaler => ({
  trickle: signaler.trickle,
  remote: signaler.remote,
  send: (sent: Signal, options) => signaler.send(sent.type === 'offer' ? change(sent) : sent, options),
  close: (reason) => signaler.close(reason),
  [Symbol.asyncIterator]: () => signaler[Symbol.asyncIterator](),
  [Symbol.asyncDispose]: () => signaler.close(),
});
