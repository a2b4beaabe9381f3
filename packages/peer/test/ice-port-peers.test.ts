import { IcePort } from '@ouro/ice/port';
import { memory, until } from '@ouro/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPeer } from '../src/index.ts';
import { portPair, portPairs, type Reach } from './support/port-peers.ts';

const MIB = 2 ** 20;
/** More of them, for a soak: 10,000 take half a minute. */
const SESSIONS = Number(process.env.OURO_ICE_PORT_SESSIONS ?? 2000);
let port: IcePort;

beforeEach(async () => {
  port = await IcePort.open({ port: 0, hosts: ['127.0.0.1'] });
});
afterEach(async () => {
  await port.close();
});

test.for(['udp', 'tcp', 'both'] as const)('peers connect through the port over %s', async (reach) => {
  await using pair = await portPair(port, reach);
  expect(await pair.echo('hello')).toBe('hello');
  const protocol = reach === 'tcp' ? 'tcp' : 'udp';
  expect(pair.near.selectedPair()).toMatchObject({ remote: { port: port.port, protocol, type: 'host' } });
  expect(pair.far.selectedPair()).toMatchObject({ local: { port: port.port, protocol, type: 'host' } });
});

test('UDP that does not get through: TCP is taken', async () => {
  await using pair = await portPair(port, 'blocked');
  expect(await pair.echo('hello')).toBe('hello');
  expect(pair.near.selectedPair()).toMatchObject({ remote: { protocol: 'tcp' } });
  expect(port.stats.udpPaths).toBe(0);
});

test('K6: with UDP selected no TCP connection is left', async () => {
  await using pair = await portPair(port, 'both');
  await pair.echo('hello');
  await until(() => port.stats.tcpConnections === 0);
});

test('a peer on the port has its candidates and no socket of its own', async () => {
  const before = process.getActiveResourcesInfo().length;
  await using pair = await portPair(port, 'udp');
  const sdp = pair.far.localDescription?.sdp ?? '';
  const candidates = sdp.split('\r\n').filter((line) => line.startsWith('a=candidate:'));
  expect(candidates).toHaveLength(2);
  expect(candidates[0]).toMatch(
    new RegExp(`^a=candidate:\\w+ 1 udp \\d+ 127\\.0\\.0\\.1 ${port.port} typ host`),
  );
  expect(candidates[1]).toMatch(
    new RegExp(`^a=candidate:\\w+ 1 tcp \\d+ 127\\.0\\.0\\.1 ${port.port} typ host tcptype passive`),
  );
  // One UDP socket of the near peer.
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'UDPWRAP');
  expect(sockets.length).toBeLessThanOrEqual(2);
  expect(before).toBeGreaterThan(0);
});

test('K1, K3: an active candidate has port 9, and all UDP comes before all TCP', async () => {
  await using pair = await portPair(port, 'both');
  const lines = (sdp = '') => [
    ...sdp.matchAll(/^a=candidate:\S+ 1 (udp|tcp) (\d+) \S+ (\d+) typ host(.*)$/gm),
  ];
  const near = lines(pair.near.localDescription?.sdp);
  const active = near.find(([line]) => line.includes('tcptype active'));
  expect(active?.[3]).toBe('9');
  for (const found of [near, lines(pair.far.localDescription?.sdp)]) {
    const priority = (name: string) =>
      found.filter(([, each]) => each === name).map(([, , value]) => Number(value));
    expect(Math.min(...priority('udp'))).toBeGreaterThan(Math.max(...priority('tcp')));
  }
});

test('a public address is announced beside the local one, or instead of it', async () => {
  const { Identity } = await import('@ouro/fingerprint');
  const identity = await Identity.generate();
  for (const announceLocal of [true, false]) {
    await using nat = await IcePort.open({
      port: 0,
      hosts: ['127.0.0.1'],
      publicAddresses: ['203.0.113.7', '2001:db8::7'],
      announceLocal,
    });
    await using peer = await createPeer({ identity, iceServers: [], icePort: nat });
    peer.createDataChannel('x');
    await peer.setLocalDescription(await peer.createOffer());
    await until(() => peer.iceGatheringState === 'complete');
    const found = [...(peer.localDescription?.sdp ?? '').matchAll(/ (udp|tcp) \d+ (\S+) (\d+) typ host/g)];
    const local = announceLocal ? ['127.0.0.1'] : [];
    expect(found.map(([, name, address]) => `${name} ${address}`).toSorted()).toEqual(
      ['tcp', 'udp'].flatMap((name) => [...local, '203.0.113.7'].map((address) => `${name} ${address}`)),
    );
    expect(new Set(found.map(([, , , number]) => number))).toEqual(new Set([String(nat.port)]));
  }
});

test('500 peers at the same time on one port, UDP and TCP, each with its own echo', {
  timeout: 60_000,
}, async () => {
  const reaches = Array.from({ length: 500 }, (_, i): Reach => (i % 2 === 0 ? 'udp' : 'tcp'));
  const pairs = await portPairs(port, reaches);
  expect(port.stats).toMatchObject({
    sessions: 500,
    ufrags: 500,
    udpPaths: 250,
    tcpConnections: 250,
    pendingSockets: 0,
  });
  const texts = pairs.map((_, i) => `peer ${i}`);
  expect(await Promise.all(pairs.map((pair, i) => pair.echo(texts[i] ?? '')))).toEqual(texts);
  for (const pair of pairs) await pair[Symbol.asyncDispose]();
  await until(() => port.stats.tcpConnections === 0);
  expect(port.stats).toMatchObject({
    sessions: 0,
    ufrags: 0,
    udpPaths: 0,
    pendingSockets: 0,
    transactions: 0,
  });
});

test(`${SESSIONS} sessions one after the other: memory and handles are flat`, {
  timeout: 600_000,
}, async () => {
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await using pair = await portPair(port, i % 2 === 0 ? 'udp' : 'tcp');
      expect(await pair.echo(`session ${i}`)).toBe(`session ${i}`);
    }
    await until(() => port.stats.tcpConnections === 0);
    return {
      bytes: await memory(),
      handles: process.getActiveResourcesInfo().filter((name) => /WRAP/i.test(name)).length,
    };
  };
  const early = await run(SESSIONS / 3);
  const late = await run((SESSIONS * 2) / 3);
  expect(late.bytes - early.bytes).toBeLessThan(4 * MIB);
  expect(late.handles).toBeLessThanOrEqual(early.handles + 2);
  expect(port.stats).toMatchObject({ sessions: 0, ufrags: 0, udpPaths: 0, transactions: 0 });
});

test('peers connect over IPv6', async () => {
  await using port = await IcePort.open({ port: 0, hosts: ['::1'] });
  for (const reach of ['udp', 'tcp'] as const) {
    await using pair = await portPair(port, reach, '::1');
    expect(await pair.echo('hello')).toBe('hello');
    expect(pair.near.selectedPair()).toMatchObject({
      remote: { address: '::1', port: port.port, protocol: reach },
    });
  }
});
