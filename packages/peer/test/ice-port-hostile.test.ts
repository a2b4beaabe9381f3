import { randomBytes } from 'node:crypto';
import { encodeCheck, type IceCredentials } from '@ouro/ice';
import { IcePort } from '@ouro/ice/port';
import { encodeStun, newTransactionId } from '@ouro/stun';
import { frame, ManualClock, memory, TcpFar, UdpFar, until } from '@ouro/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PortPair, portPairs } from './support/port-peers.ts';

const STRANGER: IceCredentials = { ufrag: 'strangers', pwd: 'strangersPasswordOf22ch' };

/** A connectivity check of a stranger to the session with these credentials. */
function check(to: IceCredentials): Buffer {
  const role = { controlling: true, tieBreaker: 7n, useCandidate: false, priority: 1 };
  return encodeCheck(newTransactionId(), { local: STRANGER, remote: to, ...role });
}

/** Credentials that no session has. */
const credentials = (name: string): IceCredentials => ({
  ufrag: `ufrag${name}`,
  pwd: `passwordWithTwentyTwo+${name}`,
});

/** What hostile traffic may make this process hold, both ends of it together. */
const MEMORY_CAP = 48 * 2 ** 20;
/** Much traffic, on a machine that may do other things as well. */
const BUSY = { timeout: 60_000 };
let clock: ManualClock;
let port: IcePort;
let pairs: PortPair[];
let before: number;

beforeEach(async () => {
  clock = new ManualClock();
  port = await IcePort.open({ port: 0, hosts: ['127.0.0.1'], clock });
  pairs = await portPairs(port, ['udp', 'tcp', 'udp', 'tcp']);
  before = await memory();
});

/** Those that were connected notice nothing. */
afterEach(async () => {
  expect(await Promise.all(pairs.map((pair) => pair.echo('still here')))).toEqual(
    pairs.map(() => 'still here'),
  );
  expect(pairs.map(({ near, far }) => [near.connectionState, far.connectionState])).toEqual(
    pairs.map(() => ['connected', 'connected']),
  );
  expect(port.stats).toMatchObject({ sessions: 4, udpPaths: 2, ufrags: 4 });
  expect((await memory()) - before).toBeLessThan(MEMORY_CAP);
  for (const pair of pairs) await pair[Symbol.asyncDispose]();
  await port.close();
  await until(() => clock.pending === 0);
});

/** Echoes while `attack` runs. */
async function during(attack: Promise<void>): Promise<void> {
  let over = false;
  const ended = attack.finally(() => {
    over = true;
  });
  const talk = async (pair: PortPair) => {
    for (let i = 0; !over || i < 3; i++) expect(await pair.echo(`${i}`)).toBe(`${i}`);
  };
  await Promise.all([ended, ...pairs.map(talk)]);
}

/** Another session's credentials as a stranger may have seen them in a description: the ufrag is no secret. */
function overheard(): { ufrag: string; pwd: string } {
  const sdp = pairs[0]?.far.localDescription?.sdp ?? '';
  return { ufrag: /a=ice-ufrag:(\S+)/.exec(sdp)?.[1] ?? '', pwd: 'guessedPasswordOf22char' };
}

test('random bytes, STUN without integrity, wrong passwords and foreign ufrags over UDP', BUSY, async () => {
  const { ufrag } = overheard();
  const username = { type: 6, value: Buffer.from(`${ufrag}:x`) };
  const kinds = [
    () => randomBytes(Math.floor(Math.random() * 1400)),
    () => encodeStun(1, newTransactionId(), [username]),
    () => check(overheard()),
    () => check(credentials(newTransactionId())),
    () => encodeStun(0x101, newTransactionId(), []),
    () => Buffer.concat([Buffer.from([20, 254, 253]), randomBytes(100)]),
  ];
  const attack = async () => {
    const fars = await Promise.all(Array.from({ length: 20 }, () => UdpFar.open(port.port)));
    for (let i = 0; i < 20_000; i++) await fars[i % 20]?.send(kinds[i % kinds.length]?.() ?? Buffer.alloc(0));
    expect(fars.flatMap(({ received }) => received)).toEqual([]);
    for (const far of fars) await far[Symbol.asyncDispose]();
  };
  await during(attack());
  expect(port.stats.drops).toMatchObject({
    'bad-request': expect.any(Number),
    'bad-integrity': expect.any(Number),
    'unknown-ufrag': expect.any(Number),
    'unknown-response': expect.any(Number),
    'unknown-address': expect.any(Number),
  });
});

test('random bytes, wrong passwords and half-open connections over TCP', BUSY, async () => {
  const attack = async () => {
    for (let i = 0; i < 1000; i++) {
      const far = await TcpFar.open(port.port);
      if (i % 4 === 0) far.socket.write(randomBytes(1000));
      else if (i % 4 === 1) far.send(check(overheard()));
      else if (i % 4 === 2) far.socket.write(frame(check(overheard())).subarray(0, 30));
      else far.socket.end();
      if (i % 4 < 2) await far.closed;
      else if (i % 8 === 2) far.socket.resetAndDestroy();
    }
  };
  await during(attack());
  expect(port.stats.pendingSockets).toBeLessThanOrEqual(64);
});

test('senders of one byte a second meet the deadline', BUSY, async () => {
  const framed = frame(check(overheard()));
  const attack = async () => {
    const fars = await Promise.all(Array.from({ length: 50 }, () => TcpFar.open(port.port)));
    await until(() => port.stats.pendingSockets === 50);
    for (let second = 0; second < 12; second++) {
      for (const far of fars) far.socket.write(framed.subarray(second, second + 1));
      clock.pass(1000);
    }
    await Promise.all(fars.map(({ closed }) => closed));
  };
  await during(attack());
  await until(() => port.stats.tcpConnections === 2);
  expect(port.stats).toMatchObject({ pendingSockets: 0, drops: { deadline: 50 } });
});

test('2,000 idle connections hold no more than their share', BUSY, async () => {
  const idle: TcpFar[] = [];
  const attack = async () => {
    for (let i = 0; i < 20; i++) {
      idle.push(...(await Promise.all(Array.from({ length: 100 }, () => TcpFar.open(port.port)))));
    }
  };
  await during(attack());
  await until(() => port.stats.drops.evicted === 2000 - 64 && port.stats.tcpConnections === 66);
  expect(port.stats.pendingSockets).toBe(64);
  clock.pass(10_000);
  await Promise.all(idle.map(({ closed }) => closed));
  await until(() => port.stats.tcpConnections === 2);
  expect(port.stats.pendingSockets).toBe(0);
});
