import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import type { DataChannel } from '@ouro/sctp';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { createPeer, type Peer, type PeerOptions } from '../../src/index.ts';
import { linkedSignalers } from './pair.ts';

let shared: Promise<Identity> | undefined;

/** A peer on loopback; all without an identity of their own share one. */
export async function loopbackPeer(options: Partial<PeerOptions> = {}): Promise<Peer> {
  shared ??= Identity.generate();
  return createPeer({ identity: await shared, iceServers: [], loopbackOnly: true, ...options });
}

export interface Connected extends AsyncDisposable {
  readonly offerer: Peer;
  readonly answerer: Peer;
  /** The offerer's end of one channel, open. */
  readonly near: DataChannel;
  /** The answerer's end. */
  readonly far: DataChannel;
}

/** Two peers, connected, with one channel. */
export async function connectedPeers(options: Partial<PeerOptions> = {}, first?: Peer): Promise<Connected> {
  const [offerer, answerer] = await Promise.all([first ?? loopbackPeer(options), loopbackPeer(options)]);
  const signal = AbortSignal.timeout(10_000);
  const [a, b] = linkedSignalers();
  const near = offerer.createDataChannel('test');
  const far = new Promise<DataChannel>((resolve) => {
    answerer.addEventListener('datachannel', ({ channel }) => resolve(channel), { once: true });
  });
  await Promise.all([
    negotiate(offerer, a, { role: 'offerer', signal }),
    negotiate(answerer, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  await Promise.all([a.close(), b.close()]);
  await opened(near);
  return {
    offerer,
    answerer,
    near,
    far: await far,
    async [Symbol.asyncDispose]() {
      offerer.close();
      answerer.close();
    },
  };
}

export async function opened(channel: DataChannelLike): Promise<void> {
  if (channel.readyState === 'open') return;
  await new Promise<void>((resolve) => channel.addEventListener('open', () => resolve(), { once: true }));
}

export async function closed(channel: DataChannelLike): Promise<void> {
  if (channel.readyState === 'closed') return;
  await new Promise<void>((resolve) => channel.addEventListener('close', () => resolve(), { once: true }));
}

/** Resolves when the peer's state is this one. */
export async function reaches(peer: Peer, state: Peer['connectionState']): Promise<void> {
  if (peer.connectionState === state) return;
  await new Promise<void>((resolve) => {
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === state) resolve();
    });
  });
}
