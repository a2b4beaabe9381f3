import { Identity } from '@ouro/fingerprint';
import { type IceSocketSource, udpSockets } from '@ouro/ice';
import { type IcePort, tcpActiveSockets } from '@ouro/ice/port';
import { negotiate } from '@ouro/negotiation';
import type { DataChannel } from '@ouro/sctp';
import { createPeer, type Peer } from '../../src/index.ts';
import { linkedSignalers } from './pair.ts';
import { opened } from './peers.ts';

/** How the near peer reaches the port. `blocked`: it has UDP, but nothing it sends arrives. */
export type Reach = 'udp' | 'tcp' | 'both' | 'blocked';

export interface PortPair extends AsyncDisposable {
  readonly near: Peer;
  /** The peer on the port; it sends everything back. */
  readonly far: Peer;
  readonly channel: DataChannel;
  /** Sends a text and gives what comes back. */
  echo(text: string): Promise<unknown>;
}

const HOST = '127.0.0.1';
let identity: Promise<Identity> | undefined;

/** UDP of which nothing gets out. */
const swallowed: IceSocketSource = {
  async open(_user, onSocket) {
    onSocket({ local: { address: HOST, port: 9999 }, send: () => undefined, close: () => undefined });
  },
};

function sources(reach: Reach, host: string): IceSocketSource[] {
  const udp = reach === 'blocked' ? [swallowed] : reach === 'tcp' ? [] : [udpSockets([host])];
  return reach === 'udp' ? udp : [...udp, tcpActiveSockets([host], { bind: true })];
}

/** A peer, and one on the port that it is connected with. */
export async function portPair(port: IcePort, reach: Reach, host = HOST): Promise<PortPair> {
  identity ??= Identity.generate();
  const options = { identity: await identity, iceServers: [] };
  const near = await createPeer({ ...options, iceSockets: sources(reach, host) });
  const far = await createPeer({ ...options, icePort: port });
  far.addEventListener('datachannel', ({ channel }) => {
    channel.addEventListener('message', ({ data }) => channel.send(String(data)));
  });
  const channel = near.createDataChannel('echo');
  const [a, b] = linkedSignalers();
  const signal = AbortSignal.timeout(20_000);
  await Promise.all([
    negotiate(near, a, { role: 'offerer', signal }),
    negotiate(far, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  await Promise.all([a.close(), b.close(), opened(channel)]);
  return {
    near,
    far,
    channel,
    echo: (text) => echo(channel, text),
    [Symbol.asyncDispose]: () => close(near, far),
  };
}

async function echo(channel: DataChannel, text: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  channel.addEventListener('message', ({ data }) => resolve(data), { once: true });
  channel.send(text);
  return promise;
}

async function close(near: Peer, far: Peer): Promise<void> {
  near.close();
  far.close();
}

/** `count` pairs, some at a time. */
export async function portPairs(port: IcePort, reaches: readonly Reach[]): Promise<PortPair[]> {
  const pairs: PortPair[] = [];
  const AT_A_TIME = 25;
  for (let at = 0; at < reaches.length; at += AT_A_TIME) {
    const some = reaches.slice(at, at + AT_A_TIME);
    pairs.push(...(await Promise.all(some.map((reach) => portPair(port, reach)))));
  }
  return pairs;
}
