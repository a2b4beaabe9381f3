import { decodeStun, encodeStun, hasIntegrity, newTransactionId } from '@ouro/stun';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IcePort, IcePortError } from '../src/port/index.ts';
import { check, credentials, echoSession, HOST, ManualClock, UdpFar, until } from './support/ice-port.ts';

const ann = credentials('ann');
const bob = credentials('bob');
let clock: ManualClock;
let port: IcePort;

beforeEach(async () => {
  clock = new ManualClock();
  port = await IcePort.open({ port: 0, hosts: [HOST], clock, limits: { addressesPerSession: 2 } });
});
afterEach(async () => {
  await port.close();
  expect(clock.pending).toBe(0);
});

/** Sends a packet, and one that is answered after it: when the answer is there the first was looked at. */
async function afterwards(far: UdpFar, packet: Buffer): Promise<void> {
  await far.send(packet);
  const session = echoSession(port, credentials('probe'));
  await using probe = await UdpFar.open(port.port);
  await probe.send(check(credentials('probe')));
  await probe.next();
  session.close();
}

test('K7: the first Binding request says by its ufrag whose the address is; then its data comes back', async () => {
  echoSession(port, ann);
  echoSession(port, bob);
  await using far = await UdpFar.open(port.port);
  await using other = await UdpFar.open(port.port);
  await far.send(check(ann));
  const answer = decodeStun(await far.next());
  expect(answer && hasIntegrity(answer, ann.pwd)).toBe(true);
  await other.send(check(bob));
  const second = decodeStun(await other.next());
  expect(second && hasIntegrity(second, bob.pwd)).toBe(true);
  await far.send(Buffer.from([20, 1, 2]));
  expect(await far.next()).toEqual(Buffer.from([20, 1, 2]));
  expect(port.stats).toMatchObject({ sessions: 2, udpPaths: 2, drops: {} });
});

test('a request is given with what was decoded of it, and nothing else is', async () => {
  const given: (number | undefined)[] = [];
  const session = port.register(ann, (packet, remote, endpoint, proven) => {
    given.push(proven?.type);
    session.send(endpoint, remote, packet);
  });
  await using far = await UdpFar.open(port.port);
  for (const packet of [check(ann), Buffer.from([20, 1, 2]), encodeStun(0x101, newTransactionId(), [])]) {
    await far.send(packet);
    await far.next();
  }
  expect(given).toEqual([1, undefined, undefined]);
});

test.for([
  ['data', () => Buffer.from([20, 1, 2]), 'unknown-address'],
  ['a wrong password', () => check({ ...ann, pwd: bob.pwd }), 'bad-integrity'],
  ['a foreign ufrag', () => check(credentials('nobody')), 'unknown-ufrag'],
  [
    'no MESSAGE-INTEGRITY',
    () => encodeStun(1, newTransactionId(), [{ type: 6, value: Buffer.from(`${ann.ufrag}:x`) }]),
    'bad-request',
  ],
  ['no USERNAME', () => encodeStun(1, newTransactionId(), [], ann.pwd), 'bad-request'],
  [
    'another method',
    () => encodeStun(3, newTransactionId(), [{ type: 6, value: Buffer.from(`${ann.ufrag}:x`) }], ann.pwd),
    'bad-request',
  ],
  ['a success response', () => encodeStun(0x101, newTransactionId(), [], ann.pwd), 'unknown-response'],
  ['no FINGERPRINT', () => withoutFingerprint(check(ann)), 'bad-request'],
  ['a flipped bit', () => flipped(check(ann), 30), 'bad-request'],
] as const)('K8: %s from a stranger gets no answer and attaches nothing', async ([, packet, reason]) => {
  echoSession(port, ann);
  await using far = await UdpFar.open(port.port);
  await afterwards(far, packet());
  expect(far.received).toEqual([]);
  expect(port.stats.drops).toEqual({ [reason]: 1 });
});

function withoutFingerprint(packet: Buffer): Buffer {
  const cut = Buffer.from(packet.subarray(0, packet.length - 8));
  cut.writeUInt16BE(cut.length - 20, 2);
  return cut;
}

function flipped(packet: Buffer, at: number): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

test('an address is taken over by a session only after a request with its password', async () => {
  echoSession(port, ann);
  const got: Buffer[] = [];
  port.register(bob, (packet) => got.push(packet));
  await using far = await UdpFar.open(port.port);
  await far.send(check(ann));
  await far.next();
  await afterwards(far, check({ ...bob, pwd: ann.pwd }));
  await afterwards(far, Buffer.from([20]));
  expect(got).toEqual([]);
  await far.send(check(bob));
  await until(() => got.length === 1);
  await far.send(Buffer.from([21]));
  await until(() => got.length === 2);
});

test('K6: both generations of a restart get data from one address; closing the first leaves the second', async () => {
  const before: Buffer[] = [];
  const after: Buffer[] = [];
  const old = port.register(ann, (packet) => before.push(packet));
  port.register(bob, (packet) => after.push(packet));
  await using far = await UdpFar.open(port.port);
  await far.send(check(ann));
  await far.send(check(bob));
  await far.send(Buffer.from([20]));
  await until(() => before.length === 2 && after.length === 2);
  old.close();
  await far.send(Buffer.from([21]));
  await until(() => after.length === 3);
  expect(before).toHaveLength(2);
  expect(port.stats).toMatchObject({ sessions: 1, ufrags: 1, udpPaths: 1 });
});

test('an address that is silent for PATH_IDLE_MS is forgotten; a new request brings it back', async () => {
  echoSession(port, ann);
  await using far = await UdpFar.open(port.port);
  await far.send(check(ann));
  await far.next();
  clock.pass(50_000);
  await far.send(Buffer.from([20]));
  await far.next();
  clock.pass(50_000);
  expect(port.stats.udpPaths).toBe(1);
  clock.pass(30_000);
  expect(port.stats).toMatchObject({ udpPaths: 0, drops: { idle: 1 } });
  await far.send(check(ann));
  await far.next();
  expect(port.stats.udpPaths).toBe(1);
});

test('K8: addresses of one session have a cap; the one that was silent longest goes', async () => {
  echoSession(port, ann);
  await using first = await UdpFar.open(port.port);
  await using second = await UdpFar.open(port.port);
  await using third = await UdpFar.open(port.port);
  for (const far of [first, second, third]) {
    clock.pass(1);
    await far.send(check(ann));
    await far.next();
  }
  expect(port.stats.udpPaths).toBe(2);
  await afterwards(first, Buffer.from([20]));
  expect(first.received).toEqual([]);
});

test('the response to a request that was sent first is let in, once nothing is waited for any more it is not', async () => {
  const got: Buffer[] = [];
  const session = port.register(ann, (packet) => got.push(packet));
  await using far = await UdpFar.open(port.port);
  const [endpoint] = port.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  const request = check(bob);
  session.send(endpoint, { address: HOST, port: far.socket.address().port }, request);
  const asked = decodeStun(await far.next());
  const answer = encodeStun(0x101, asked?.transactionId ?? '', [], bob.pwd);
  await far.send(answer);
  await until(() => got.length === 1);
  clock.pass(60_000);
  expect(port.stats.transactions).toBe(0);
  await afterwards(far, answer);
  expect(got).toHaveLength(1);
});

test('K8: requests of a session that wait have a cap, and end with the session', async () => {
  await port.close();
  port = await IcePort.open({ port: 0, hosts: [HOST], clock, limits: { transactionsPerSession: 3 } });
  const session = port.register(ann, () => undefined);
  await using far = await UdpFar.open(port.port);
  const [endpoint] = port.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  for (let i = 0; i < 10; i++)
    session.send(endpoint, { address: HOST, port: far.socket.address().port }, check(bob));
  expect(port.stats.transactions).toBe(3);
  session.close();
  expect(port.stats).toMatchObject({ transactions: 0, ufrags: 0, sessions: 0 });
});

test('K8: what cannot be handed to the kernel is dropped at the cap', async () => {
  await port.close();
  port = await IcePort.open({ port: 0, hosts: [HOST], clock, limits: { udpQueuePackets: 4 } });
  const session = port.register(ann, () => undefined);
  const [endpoint] = port.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  const sent = Array.from({ length: 6 }, () =>
    session.send(endpoint, { address: HOST, port: 9 }, Buffer.from([20])),
  );
  expect(sent).toEqual([true, true, true, true, false, false]);
  expect(session.send(endpoint, { address: HOST, port: 0 }, Buffer.from([20]))).toBe(false);
});

test('K7: a ufrag is unique on the port, and credentials have the form of the RFC', () => {
  const first = port.register(ann, () => undefined);
  expect(() => port.register(ann, () => undefined)).toThrow(IcePortError);
  expect(() => port.register({ ufrag: 'x', pwd: ann.pwd }, () => undefined)).toThrow(IcePortError);
  expect(() => port.register({ ufrag: 'long', pwd: 'short' }, () => undefined)).toThrow(IcePortError);
  first.close();
  port.register(ann, () => undefined);
  expect(port.stats.sessions).toBe(1);
});

test('sessions have a cap; a closed port takes none', async () => {
  await using small = await IcePort.open({ port: 0, hosts: [HOST], limits: { sessions: 1 } });
  small.register(ann, () => undefined);
  expect(() => small.register(bob, () => undefined)).toThrow(expect.objectContaining({ code: 'too-many' }));
  await small.close();
  expect(() => small.register(bob, () => undefined)).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('random datagrams, and checks with random changes, throw nothing and attach nothing', async () => {
  const got: Buffer[] = [];
  port.register(ann, (packet) => got.push(packet));
  await using far = await UdpFar.open(port.port);
  const mutant = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
    const packet = check(ann);
    const place = at % packet.length;
    packet.writeUInt8(packet.readUInt8(place) ^ bits, place);
    return packet;
  });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const packets = fc.sample(fc.oneof(mutant, random), 10_000);
  for (const packet of packets) await far.send(packet);
  await far.send(check(ann));
  await until(() => got.length > 0);
  expect(got).toHaveLength(1);
  expect(port.stats.sessions).toBe(1);
});
