import { once } from 'node:events';
import { createServer } from 'node:net';
import { decodeStun, hasIntegrity } from '@ouro/stun';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIRST_FRAME_TIMEOUT_MS, MAX_FRAME_BYTES } from '../src/port/constants.ts';
import { encodeFrame } from '../src/port/framing.ts';
import { IcePort, type IcePortLimits } from '../src/port/index.ts';
import { check, credentials, echoSession, HOST, ManualClock, TcpFar, until } from './support/ice-port.ts';

const ann = credentials('ann');
const bob = credentials('bob');
let clock: ManualClock;
let port: IcePort;

async function open(limits: Partial<IcePortLimits> = {}): Promise<void> {
  await port?.close();
  port = await IcePort.open({ port: 0, hosts: [HOST], clock, limits });
}
beforeEach(async () => {
  clock = new ManualClock();
  await open();
});
afterEach(async () => {
  await port.close();
  expect(clock.pending).toBe(0);
});

/** A connection that has shown a check of the session. */
async function proven(to = ann): Promise<TcpFar> {
  const far = await TcpFar.open(port.port);
  far.send(check(to));
  await far.next();
  return far;
}

test('K7: the first frame says by its ufrag whose the connection is; then frames go both ways', async () => {
  echoSession(port, ann);
  await using far = await TcpFar.open(port.port);
  far.send(Buffer.alloc(0));
  far.send(check(ann));
  const answer = decodeStun(await far.next());
  expect(answer && hasIntegrity(answer, ann.pwd)).toBe(true);
  far.send(Buffer.alloc(0));
  far.send(Buffer.alloc(MAX_FRAME_BYTES, 20));
  expect(await far.next()).toEqual(Buffer.alloc(MAX_FRAME_BYTES, 20));
  expect(port.stats).toMatchObject({ tcpConnections: 1, pendingSockets: 0, drops: {} });
});

test.for([
  ['data', () => encodeFrame(Buffer.from([20, 1, 2])), 'bad-request'],
  ['a wrong password', () => encodeFrame(check({ ...ann, pwd: bob.pwd })), 'bad-integrity'],
  ['a foreign ufrag', () => encodeFrame(check(credentials('nobody'))), 'unknown-ufrag'],
  ['a long first frame', () => encodeFrame(Buffer.alloc(601)), 'oversize'],
  ['HTTP', () => Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'oversize'],
  ['endless empty frames', () => Buffer.alloc(602), 'oversize'],
] as const)('K8: %s closes the connection', async ([, bytes, reason]) => {
  echoSession(port, ann);
  await using far = await TcpFar.open(port.port);
  far.socket.write(bytes());
  await far.closed;
  expect(port.stats).toMatchObject({ drops: { [reason]: 1 }, pendingSockets: 0, tcpConnections: 0 });
});

test('K8: a connection has one deadline for its first frame, however its bytes trickle', async () => {
  echoSession(port, ann);
  await using slow = await TcpFar.open(port.port);
  await using silent = await TcpFar.open(port.port);
  await until(() => port.stats.pendingSockets === 2);
  const frame = encodeFrame(check(ann));
  for (let i = 0; i < 9; i++) {
    slow.socket.write(frame.subarray(i, i + 1));
    clock.pass(FIRST_FRAME_TIMEOUT_MS / 10);
  }
  expect(port.stats.pendingSockets).toBe(2);
  clock.pass(FIRST_FRAME_TIMEOUT_MS / 10);
  await Promise.all([slow.closed, silent.closed]);
  expect(port.stats).toMatchObject({ drops: { deadline: 2 }, pendingSockets: 0, tcpConnections: 0 });
});

test('K8: pending connections have a cap, in all and from one address; the oldest makes place for one that speaks', async () => {
  await open({ pendingPerAddress: 3 });
  echoSession(port, ann);
  const idle = [await TcpFar.open(port.port), await TcpFar.open(port.port), await TcpFar.open(port.port)];
  await until(() => port.stats.pendingSockets === 3);
  await using far = await proven();
  await idle[0]?.closed;
  expect(port.stats).toMatchObject({ pendingSockets: 2, drops: { evicted: 1 } });
  await open({ pendingSockets: 2 });
  const more = [await TcpFar.open(port.port), await TcpFar.open(port.port), await TcpFar.open(port.port)];
  await more[0]?.closed;
  expect(port.stats).toMatchObject({ pendingSockets: 2, drops: { evicted: 1 } });
  for (const each of [...idle, ...more]) await each[Symbol.asyncDispose]();
  await far.closed;
});

test('K6: a session takes a second connection; K8: above the cap the one that was silent longest goes', async () => {
  await open({ socketsPerSession: 2 });
  echoSession(port, ann);
  await using first = await proven();
  clock.pass(1);
  await using second = await proven();
  clock.pass(1);
  await using third = await proven();
  await first.closed;
  for (const far of [second, third]) {
    far.send(Buffer.from([20]));
    expect(await far.next()).toEqual(Buffer.from([20]));
  }
  expect(port.stats).toMatchObject({ tcpConnections: 2, drops: { evicted: 1 } });
});

test('a late check without a session does not cut a connection in use', async () => {
  echoSession(port, ann);
  await using far = await proven();
  far.send(check(bob));
  far.send(Buffer.from([20]));
  expect(await far.next()).toEqual(Buffer.from([20]));
});

test('K6: both generations of a restart use one connection; it ends with the last of them', async () => {
  const old = echoSession(port, ann);
  const next = echoSession(port, bob);
  await using far = await proven();
  far.send(check(bob));
  await far.next();
  far.send(Buffer.from([20]));
  expect([await far.next(), await far.next()]).toEqual([Buffer.from([20]), Buffer.from([20])]);
  old.close();
  far.send(Buffer.from([21]));
  expect(await far.next()).toEqual(Buffer.from([21]));
  next.close();
  await far.closed;
  expect(port.stats).toMatchObject({ sessions: 0, tcpConnections: 0, ufrags: 0 });
});

test('K8: a frame above the cap closes a proven connection, and a silent one is closed', async () => {
  echoSession(port, ann);
  await using large = await proven();
  await using silent = await proven();
  large.socket.write(Buffer.from([0xff, 0xff]));
  await large.closed;
  clock.pass(80_000);
  await silent.closed;
  expect(port.stats.drops).toEqual({ oversize: 1, idle: 1 });
});

test('K8: to a peer that does not read packets are dropped at the cap, and nothing grows', async () => {
  await open({ writeBacklogBytes: 100_000 });
  const session = port.register(ann, (packet, remote, endpoint) => {
    if (decodeStun(packet) === undefined) return;
    for (let i = 0; i < 20_000; i++) session.send(endpoint, remote, Buffer.alloc(1000, 20));
  });
  await using far = await TcpFar.open(port.port);
  far.socket.pause();
  far.send(check(ann));
  await until(() => port.stats.drops.backlog !== undefined);
  expect(port.stats.drops.backlog).toBeGreaterThan(19_000);
  session.close();
  clock.pass(1000);
  expect(port.stats.tcpConnections).toBeLessThanOrEqual(1);
  far.socket.resume();
  await far.closed;
});

test('what was sent before the session closed still arrives', async () => {
  const session = port.register(ann, (_packet, remote, endpoint) => {
    session.send(endpoint, remote, Buffer.from([21, 1]));
    session.close();
  });
  await using far = await TcpFar.open(port.port);
  far.send(check(ann));
  expect(await far.next()).toEqual(Buffer.from([21, 1]));
  await far.closed;
});

test('a socket that another listener hands over is served as an own one', async () => {
  await port.close();
  const server = createServer((socket) =>
    socket.once('data', (bytes: Buffer) => port.attach(socket.pause(), bytes)),
  );
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  const number = typeof address === 'object' && address ? address.port : 0;
  port = await IcePort.open({ port: number, hosts: [HOST], handedOver: ['0.0.0.0'], clock });
  echoSession(port, ann);
  await using far = await proven();
  far.send(Buffer.from([20]));
  expect(await far.next()).toEqual(Buffer.from([20]));
  await port.close();
  await using late = await TcpFar.open(number);
  late.send(check(ann));
  await late.closed;
  server.close();
});
