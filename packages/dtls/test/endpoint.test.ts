import { seededBytes } from '@ouro/test-kit';
import { expect, test } from 'vitest';
import { CONTENT_TYPE, HANDSHAKE_TYPE, MAX_RETRANSMITS } from '../src/constants.ts';
import { recordHeader, splitDatagram } from '../src/record.ts';
import { DtlsPair } from './support/dtls-pair.ts';

const plainRecord = (type: number, fragment: Buffer, sequence = 1000): Buffer =>
  Buffer.concat([recordHeader(type, 0, sequence, fragment.length), fragment]);

async function connected(): Promise<DtlsPair> {
  const pair = (await DtlsPair.create()).start();
  expect([pair.client.connected, pair.server.connected]).toEqual([1, 1]);
  return pair;
}

test('both ends connect in two round trips, know each other, and carry data', async () => {
  const pair = await connected();
  expect(pair.client.endpoint.remoteCertificate).toEqual(pair.client.certificate);
  expect(pair.server.endpoint.remoteCertificate).toEqual(pair.server.certificate);
  pair.client.endpoint.send(Buffer.from('ping'));
  pair.server.endpoint.send(Buffer.from('pong'));
  pair.run();
  expect([pair.server.received, pair.client.received]).toEqual([['ping'], ['pong']]);
});

test('no timer is left when connected, nor after a close in the middle', async () => {
  const pair = await connected();
  expect(pair.clock.pending).toBe(0);
  const half = await DtlsPair.create();
  half.onPath = () => [];
  half.start();
  expect(half.clock.pending).toBe(1);
  half.close();
  expect(half.clock.pending).toBe(0);
});

test('close tells the far end, once', async () => {
  const pair = await connected();
  pair.client.endpoint.close();
  pair.client.endpoint.close();
  pair.run();
  expect(pair.server.closed).toEqual({ error: undefined });
  expect(pair.client.closed).toBeUndefined();
});

test('every pattern of loss is overcome by repeating', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const pair = await DtlsPair.create();
    let state = seed;
    pair.onPath = (datagram) => {
      state = (state * 48_271) % 0x7fffffff;
      return state % 100 < 35 ? [] : [datagram];
    };
    pair.start();
    for (let i = 0; i < 40 && !(pair.client.connected && pair.server.connected); i += 1) {
      pair.clock.pass(500);
      pair.run();
    }
    expect([seed, pair.client.connected, pair.server.connected]).toEqual([seed, 1, 1]);
    pair.onPath = (datagram) => [datagram];
    pair.close();
  }
});

test('a handshake survives datagrams that come twice and in the wrong order', async () => {
  const pair = await DtlsPair.create();
  let held: Buffer | undefined;
  pair.onPath = (datagram) => {
    const earlier = held;
    held = datagram;
    return earlier ? [datagram, datagram, earlier] : [datagram];
  };
  pair.start();
  for (let i = 0; i < 10; i += 1) {
    pair.clock.pass(1000);
    pair.run();
  }
  expect([pair.client.connected, pair.server.connected]).toEqual([1, 1]);
});

test('a far end that never answers is given up after all repeats', async () => {
  const pair = await DtlsPair.create();
  pair.onPath = () => [];
  pair.start();
  pair.clock.pass(120_000);
  expect(pair.client.closed?.error?.code).toBe('timeout');
  expect(pair.log).toHaveLength(MAX_RETRANSMITS + 1);
  expect(pair.clock.pending).toBe(0);
});

test('the server repeats its last flight when the client shows that it was lost', async () => {
  const pair = await DtlsPair.create();
  let lost = false;
  pair.onPath = (datagram, from) => {
    const isLast = from === 'server' && [...splitDatagram(datagram)].some(({ epoch }) => epoch === 1);
    if (!isLast || lost) return [datagram];
    lost = true;
    return [];
  };
  pair.start();
  expect([pair.client.connected, pair.server.connected]).toEqual([0, 1]);
  pair.clock.pass(600);
  pair.run();
  expect([pair.client.connected, pair.server.connected]).toEqual([1, 1]);
});

test('a record is given once, however often it comes, and old ones not at all', async () => {
  const pair = await connected();
  pair.log.length = 0;
  for (let i = 0; i < 3; i += 1) pair.client.endpoint.send(Buffer.from(`${i}`));
  pair.run();
  const [, second] = pair.log;
  if (second) pair.server.endpoint.receive(second.datagram);
  expect(pair.server.received).toEqual(['0', '1', '2']);
  pair.onPath = () => [];
  pair.client.endpoint.send(Buffer.from('late'));
  const late = pair.log.at(-1)?.datagram ?? Buffer.alloc(0);
  pair.onPath = (datagram) => [datagram];
  for (let i = 0; i < 2000; i += 1) pair.client.endpoint.send(Buffer.from('x'));
  pair.run();
  pair.server.endpoint.receive(late);
  expect(pair.server.received).not.toContain('late');
});

test('a changed record is dropped, and the session goes on', async () => {
  const pair = await connected();
  pair.onPath = (datagram) => {
    const changed = Buffer.from(datagram);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    return [changed];
  };
  pair.client.endpoint.send(Buffer.from('changed'));
  pair.run();
  pair.onPath = (datagram) => [datagram];
  pair.client.endpoint.send(Buffer.from('whole'));
  pair.run();
  expect(pair.server.received).toEqual(['whole']);
});

test('application data that is not encrypted is never given: not before, in, or after the handshake', async () => {
  const data = plainRecord(CONTENT_TYPE.applicationData, Buffer.from('forged'));
  const pair = await DtlsPair.create();
  pair.onPath = (datagram) => [data, datagram, data];
  pair.start();
  pair.server.endpoint.receive(data);
  pair.client.endpoint.receive(data);
  expect([pair.client.connected, pair.server.connected]).toEqual([1, 1]);
  expect([...pair.client.received, ...pair.server.received]).toEqual([]);
});

test.for([
  ['a fatal alert', plainRecord(CONTENT_TYPE.alert, Buffer.from([2, 40]))],
  ['a close_notify', plainRecord(CONTENT_TYPE.alert, Buffer.from([1, 0]))],
  ['a ChangeCipherSpec', plainRecord(CONTENT_TYPE.changeCipherSpec, Buffer.from([1]))],
  ['an unknown record', plainRecord(99, Buffer.from([1, 2, 3]))],
  ['a Finished', plainRecord(CONTENT_TYPE.handshake, Buffer.from(`14${'00'.repeat(23)}`, 'hex'))],
] as const)('%s that is not encrypted does nothing to a session', async ([, record]) => {
  const pair = await connected();
  for (const end of [pair.client, pair.server]) end.endpoint.receive(record);
  pair.run();
  pair.client.endpoint.send(Buffer.from('still here'));
  pair.run();
  expect(pair.server.received).toEqual(['still here']);
  expect([pair.client.closed, pair.server.closed]).toEqual([undefined, undefined]);
});

test('nobody can begin a second handshake over a session: a new ClientHello changes nothing', async () => {
  const pair = await connected();
  const stranger = await DtlsPair.create();
  stranger.onPath = (datagram) => {
    pair.server.endpoint.receive(datagram);
    return [];
  };
  stranger.client.endpoint.start();
  pair.run();
  const before = pair.server.endpoint.remoteCertificate;
  pair.client.endpoint.send(Buffer.from('mine'));
  pair.run();
  expect(pair.server.received).toEqual(['mine']);
  expect(pair.server.endpoint.remoteCertificate).toEqual(before);
  expect(pair.server.connected).toBe(1);
});

test('forged repeats make the server send at most one flight in a while', async () => {
  const pair = await connected();
  pair.clock.pass(1000);
  pair.log.length = 0;
  const hello = plainRecord(CONTENT_TYPE.handshake, Buffer.alloc(12, HANDSHAKE_TYPE.clientHello));
  for (let i = 0; i < 1000; i += 1) pair.server.endpoint.receive(hello);
  expect(pair.log.length).toBeLessThanOrEqual(2);
});

test('an alert that nobody has signed ends a handshake only if it goes nowhere all the same', async () => {
  const alert = plainRecord(CONTENT_TYPE.alert, Buffer.from([2, 40]));
  const pair = await DtlsPair.create();
  pair.onPath = (datagram) => [alert, datagram];
  pair.start();
  pair.clock.pass(10_000);
  expect([pair.client.closed, pair.server.closed]).toEqual([undefined, undefined]);
  const refused = await DtlsPair.create();
  refused.onPath = (_, from) => (from === 'client' ? [] : [alert]);
  refused.start();
  refused.client.endpoint.receive(alert);
  refused.clock.pass(2000);
  expect(refused.client.closed?.error?.code).toBe('alert');
});

test('the randoms of both hellos are those of the source that was given', async () => {
  const pair = await connected();
  const hellos = pair.log.slice(0, 2).map(({ datagram }) => datagram.toString('hex'));
  for (const [i, hello] of hellos.entries()) {
    expect(hello).toContain(Buffer.from(seededBytes(i + 1)(32)).toString('hex'));
  }
});
