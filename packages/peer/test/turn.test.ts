import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { IceServer } from '@ouro/ice';
import { expect, test } from 'vitest';
import type { Peer } from '../src/index.ts';
import { connectedPeers, loopbackPeer } from './support/peers.ts';
import { TurnServer } from './support/turn-server.ts';

/** No way but the relay. */
const relayOnly = (...iceServers: IceServer[]) => ({ iceServers, iceSockets: [] });

async function gathered(peer: Peer): Promise<string[]> {
  await peer.setLocalDescription();
  while (peer.iceGatheringState !== 'complete') {
    await new Promise((resolve) => peer.addEventListener('icegatheringstatechange', resolve, { once: true }));
  }
  return peer.localDescription?.sdp.match(/a=candidate:.*/g) ?? [];
}

test('two peers that reach nothing but a relay connect over it, and give it back', async () => {
  await using server = await TurnServer.start();
  const peers = await connectedPeers(relayOnly(server.iceServer()));
  expect(peers.offerer.selectedPair()).toMatchObject({ local: { type: 'relay' }, remote: { type: 'relay' } });
  const echoed = new Promise<unknown>((resolve) => {
    peers.near.addEventListener('message', ({ data }) => resolve(data), { once: true });
  });
  peers.far.addEventListener('message', ({ data }) => peers.far.send(new Uint8Array(data as Uint8Array)));
  const message = new Uint8Array(100_000).fill(3);
  peers.near.send(message);
  expect(await echoed).toEqual(message);
  expect(server.allocations).toBe(2);
  await peers[Symbol.asyncDispose]();
  while (server.allocations > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a nonce that has become stale is renewed', async () => {
  await using server = await TurnServer.start();
  await using peers = await connectedPeers(relayOnly(server.iceServer()));
  server.nonce = 'second';
  await using late = await loopbackPeer(relayOnly(server.iceServer()));
  expect(await gathered(late)).toHaveLength(1);
  expect(peers.offerer.connectionState).toBe('connected');
});

test('a server that refuses the credentials gives no candidate, and gathering ends', async () => {
  await using server = await TurnServer.start();
  await using peer = await loopbackPeer(relayOnly(server.iceServer('wrong')));
  expect(await gathered(peer)).toEqual([]);
  expect(server.made).toBe(0);
});

test('a server that is not there holds up nothing, and a close does not wait for it', async () => {
  await using peers = await connectedPeers({
    iceServers: [
      { urls: ['turn:127.0.0.1:9', 'turn:127.0.0.1:9?transport=tcp'], username: 'a', credential: 'b' },
      { urls: 'stun:127.0.0.1:9' },
    ],
  });
  expect(peers.offerer.iceGatheringState).toBe('gathering');
  expect(peers.offerer.selectedPair()?.local.type).toBe('host');
});

test('a direct path is taken before a relay', async () => {
  await using server = await TurnServer.start();
  await using peers = await connectedPeers({ iceServers: [server.iceServer()] });
  expect(peers.offerer.selectedPair()?.local.type).toBe('host');
});

test('what a server refuses, and why, is told once', async () => {
  await using server = await TurnServer.start();
  await using peer = await loopbackPeer(relayOnly(server.iceServer('wrong')));
  const errors: object[] = [];
  peer.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) =>
    errors.push({ url, errorCode, errorText }),
  );
  await gathered(peer);
  expect(errors).toEqual([{ url: server.iceServer().urls, errorCode: 401, errorText: '' }]);
});

test('servers may be changed before candidates are gathered', async () => {
  await using server = await TurnServer.start();
  await using peer = await loopbackPeer(relayOnly());
  peer.setConfiguration({ iceServers: [server.iceServer()] });
  expect(await gathered(peer)).toHaveLength(1);
});

/** Timers and sockets of this process. */
const held = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(Timeout|UDPWrap|T\w+SocketWrap|TLSWrap)$/.test(name))
    .length;

test('a close while servers are asked leaves no timer and no socket', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await Promise.all([once(silent, 'listening'), once(mute, 'listening')]);
  const { port } = mute.address() as AddressInfo;
  const udp = `turn:127.0.0.1:${silent.address().port}`;
  const login = { username: 'a', credential: 'b' };
  const before = held();
  const peer = await loopbackPeer(
    relayOnly({ urls: [udp, `turn:127.0.0.1:${port}?transport=tcp`, `turns:127.0.0.1:${port}`], ...login }),
  );
  await peer.setLocalDescription();
  await once(mute, 'connection');
  expect(peer.iceGatheringState).toBe('gathering');
  peer.close();
  while (held() > before) await new Promise((resolve) => setImmediate(resolve));
  silent.close();
  mute.close();
});
