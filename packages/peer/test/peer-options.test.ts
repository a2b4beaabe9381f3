import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { connectedPeers, loopbackPeer } from './support/peers.ts';

const ports = (sdp = ''): number[] =>
  [...sdp.matchAll(/a=candidate:\S+ 1 udp \d+ \S+ (\d+) /g)].map(([, port]) => Number(port));
const hasIpv6 = Object.values(networkInterfaces()).some((infos) =>
  infos?.some(({ address }) => address === '::1'),
);

/** A range of free UDP ports of 127.0.0.1: next to one that the system gave. */
async function freeRange(): Promise<[number, number]> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  const min = Math.min(port, 65_000);
  return [min, min + 200];
}

test('only ports of the given range are bound', async () => {
  const [min, max] = await freeRange();
  for (let i = 0; i < 5; i += 1) {
    await using peer = await loopbackPeer({ portRange: [min, max] });
    await peer.setLocalDescription();
    const bound = ports(peer.localDescription?.sdp);
    expect(bound.length).toBeGreaterThan(0);
    for (const port of bound) expect(port >= min && port <= max).toBe(true);
  }
});

test('a range that is used up leaves no candidate, and no rejection', async () => {
  const [min] = await freeRange();
  await using first = await loopbackPeer({
    portRange: [min, min],
    interfaceAddresses: ['127.0.0.1'],
    activeTcp: false,
  });
  await using second = await loopbackPeer({
    portRange: [min, min],
    interfaceAddresses: ['127.0.0.1'],
    activeTcp: false,
  });
  await first.setLocalDescription();
  await second.setLocalDescription();
  expect(ports(first.localDescription?.sdp)).toEqual([min]);
  expect(ports(second.localDescription?.sdp)).toEqual([]);
});

test.skipIf(!hasIpv6)('a connection over IPv6 alone', async () => {
  await using peers = await connectedPeers({ interfaceAddresses: ['::1'] });
  expect(peers.offerer.selectedPair()).toMatchObject({
    local: { type: 'host', protocol: 'udp', address: '::1' },
    remote: { address: '::1' },
  });
});

test('the path in use is known on both ends, with its round trip time', async () => {
  await using peers = await connectedPeers({ interfaceAddresses: ['127.0.0.1'] });
  const [here, there] = [peers.offerer.selectedPair(), peers.answerer.selectedPair()];
  expect(here?.remote.port).toBe(there?.local.port);
  expect(here?.local.port).toBe(there?.remote.port);
  expect(here?.rttMs).toBeGreaterThan(0);
});

test('noise at the socket does nothing to a connection', async () => {
  await using peers = await connectedPeers({ interfaceAddresses: ['127.0.0.1'] });
  const port = peers.answerer.selectedPair()?.local.port ?? 0;
  const socket = createSocket('udp4');
  for (let i = 0; i < 2000; i += 1) {
    const datagram = randomBytes(1 + (i % 200));
    datagram.writeUInt8([0, 1, 20, 22, 23, 63, 64, 128][i % 8] ?? 0, 0);
    await new Promise<void>((resolve) => socket.send(datagram, port, '127.0.0.1', () => resolve()));
  }
  socket.close();
  const echoed = new Promise<unknown>((resolve) => {
    peers.near.addEventListener('message', ({ data }) => resolve(data), { once: true });
  });
  peers.far.addEventListener('message', ({ data }) => peers.far.send(String(data)));
  peers.near.send('still here');
  expect(await echoed).toBe('still here');
});

test('an ICE server that cannot be used is told at once', async () => {
  await expect(loopbackPeer({ iceServers: [{ urls: 'http://example.org' }] })).rejects.toMatchObject({
    name: 'SyntaxError',
  });
});
