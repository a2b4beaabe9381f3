import { ManualClock, seeded } from '@ouro/test-kit';
import { beforeEach, expect, test, vi } from 'vitest';
import { CHUNK, MAX_MESSAGE_BYTES, RECEIVE_WINDOW_BYTES } from '../src/constants.ts';
import { decodePacket } from '../src/packet.ts';
import { SctpPair } from './support/sctp-pair.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
const pass = (ms: number): Promise<void> => clock.advance(ms);

const typesIn = (packet: Buffer): number[] => decodePacket(packet)?.chunks.map(({ type }) => type) ?? [];

/** Messages of random sizes on some streams, each with its stream and number in it. */
function traffic(seed: number, count: number, maxBytes: number): { streamId: number; data: Buffer }[] {
  const random = seeded(seed);
  const counts = new Map<number, number>();
  return Array.from({ length: count }, () => {
    const streamId = Math.floor(random() * 5);
    const number = counts.get(streamId) ?? 0;
    counts.set(streamId, number + 1);
    const data = Buffer.alloc(8 + Math.floor(random() ** 3 * maxBytes), number);
    data.writeUInt32BE(streamId, 0);
    data.writeUInt32BE(number, 4);
    return { streamId, data };
  });
}

/** Each stream's messages of `expected` came whole, once and in order. */
function expectAll(pair: SctpPair, expected: { streamId: number; data: Buffer }[]): void {
  for (const streamId of new Set(expected.map((message) => message.streamId))) {
    const want = expected.filter((message) => message.streamId === streamId).map(({ data }) => data);
    const got = pair.b.messages.filter((message) => message.streamId === streamId).map(({ data }) => data);
    expect(got.length).toBe(want.length);
    expect(Buffer.concat(got).equals(Buffer.concat(want))).toBe(true);
  }
}

test('one end may begin, or both at once', async () => {
  const one = new SctpPair(clock);
  one.a.association.start();
  await pass(50);
  expect([one.a.established, one.b.established]).toEqual([1, 1]);
  const both = await SctpPair.established(clock);
  expect([both.a.established, both.b.established]).toEqual([1, 1]);
  await pass(10_000);
  expect([both.a.established, both.b.established]).toEqual([1, 1]);
});

/** Begins, and says something as soon as that can be, as the promise callbacks of a channel's users do. */
function greet(pair: SctpPair): void {
  pair.a.whenEstablished = () => queueMicrotask(() => pair.send(1, 'hello'));
  pair.a.association.start();
}

test('what is said on opening goes with COOKIE ECHO, and nothing more before COOKIE ACK', async () => {
  const pair = new SctpPair(clock);
  const packets: number[][] = [];
  pair.onPath = (packet) => {
    packets.push(typesIn(packet));
    if (packets.length === 3) pair.send(1, 'more');
    return packet;
  };
  greet(pair);
  await pass(50);
  expect(packets.slice(0, 4)).toEqual([
    [CHUNK.init],
    [CHUNK.initAck],
    [CHUNK.cookieEcho, CHUNK.data],
    [CHUNK.cookieAck],
  ]);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['hello', 'more']);
});

test('what went with a COOKIE ECHO that was lost comes all the same', async () => {
  const pair = new SctpPair(clock);
  let isLost = false;
  pair.onPath = (packet) => {
    if (isLost || !typesIn(packet).includes(CHUNK.cookieEcho)) return packet;
    isLost = true;
    return undefined;
  };
  greet(pair);
  await pass(20_000);
  expect(isLost).toBe(true);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['hello']);
});

test.for(Array.from({ length: 30 }, (_, seed) => seed))(
  'the handshake and the traffic get through a bad link (seed %i)',
  async (seed) => {
    const initialTsn = [0xffff_ffff, 0xffff_ff00, 0x7fff_fff0, 999_999_990][seed % 4] ?? 0;
    const pair = await SctpPair.established(clock, {
      loss: 0.1,
      doubled: 0.05,
      delayMs: [5, 40],
      seed,
      initialTsn,
    });
    const messages = traffic(seed, 120, 20_000);
    for (const { streamId, data } of messages) pair.send(streamId, data);
    for (let i = 0; i < 600 && pair.b.messages.length < messages.length; i += 1) await pass(100);
    expectAll(pair, messages);
    pair.close();
  },
);

test('70,000 messages wrap the stream sequence number', async () => {
  const pair = await SctpPair.established(clock);
  for (let i = 0; i < 70_000; i += 1) pair.send(3, `${i}`);
  for (let i = 0; i < 100 && pair.b.messages.length < 70_000; i += 1) await pass(100);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(
    Array.from({ length: 70_000 }, (_, i) => `${i}`),
  );
});

test('a long message does not keep a short one of another stream waiting for those behind it', async () => {
  const pair = await SctpPair.established(clock);
  for (let i = 0; i < 20; i += 1) pair.send(1, Buffer.alloc(100_000));
  pair.send(2, 'short');
  for (let i = 0; i < 100 && !pair.b.messages.some(({ streamId }) => streamId === 2); i += 1) await pass(1);
  expect(pair.b.messages.filter(({ streamId }) => streamId === 1).length).toBeLessThan(5);
});

test('an unordered message passes an ordered one that misses a packet', async () => {
  const pair = await SctpPair.established(clock);
  let dropped = false;
  pair.onPath = (packet, from) => {
    if (from === 'b' || dropped || !typesIn(packet).includes(CHUNK.data)) return packet;
    dropped = true;
    return undefined;
  };
  pair.send(1, 'first');
  await pass(5);
  pair.send(1, 'second');
  pair.send(1, 'free', 'a', false);
  await pass(20);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['free']);
  await pass(2000);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['free', 'first', 'second']);
});

test('nothing is on a timer when all is said, and an abort tells the far end', async () => {
  const pair = await SctpPair.established(clock);
  pair.send(1, Buffer.alloc(200_000));
  await pass(5000);
  expect(clock.pending).toBe(0);
  pair.a.association.abort();
  await pass(5);
  expect(pair.b.closed?.code).toBe('aborted');
  expect(pair.a.closed).toBeUndefined();
  expect(clock.pending).toBe(0);
  expect(() => pair.send(1, 'x')).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('a link that is dead for a minute is used again within seconds', async () => {
  const pair = await SctpPair.established(clock);
  pair.onPath = () => undefined;
  pair.send(1, 'held');
  await pass(60_000);
  pair.onPath = (packet) => packet;
  await pass(3100);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['held']);
  expect(pair.a.closed).toBeUndefined();
});

test('a message over the limit ends the association', async () => {
  const pair = await SctpPair.established(clock);
  pair.send(1, Buffer.alloc(MAX_MESSAGE_BYTES));
  await pass(3000);
  expect(pair.b.messages).toHaveLength(1);
  pair.send(1, Buffer.alloc(MAX_MESSAGE_BYTES + 1));
  await pass(3000);
  expect(pair.b.closed?.code).toBe('violation');
  expect(pair.a.closed?.code).toBe('aborted');
});

test('a packet with another tag, a wrong checksum or a second INIT changes nothing', async () => {
  const pair = await SctpPair.established(clock);
  const packets: Buffer[] = [];
  pair.onPath = (packet) => {
    packets.push(packet);
    return packet;
  };
  pair.send(1, 'one');
  await pass(50);
  const sample = packets[0] ?? Buffer.alloc(0);
  const otherTag = Buffer.from(sample);
  otherTag.writeUInt32BE(1, 4);
  const otherSum = Buffer.from(sample);
  otherSum.writeUInt32LE(1, 8);
  for (const packet of [otherTag, otherSum]) pair.b.association.receive(packet);
  const stranger = new SctpPair(clock);
  stranger.onPath = (packet) => {
    pair.b.association.receive(packet);
    return undefined;
  };
  stranger.a.association.start();
  pair.send(1, 'two');
  await pass(50);
  stranger.close();
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['one', 'two']);
  expect(pair.b.established).toBe(1);
});

test('packets go without a checksum between ends that both take that, but for the first ones', async () => {
  const seen: [boolean, number[]][] = [];
  const pair = new SctpPair(clock);
  pair.onPath = (packet) => {
    seen.push([decodePacket(packet)?.zeroChecksum ?? false, typesIn(packet)]);
    return packet;
  };
  pair.a.association.start();
  await pass(50);
  pair.send(1, 'x');
  await pass(50);
  const summed = seen.filter(([zero]) => !zero).flatMap(([, types]) => types);
  expect(summed).toEqual([CHUNK.init, CHUNK.initAck, CHUNK.cookieEcho]);
  expect(seen.at(-1)?.[0]).toBe(true);
});

test('a reset stream begins anew, and comes after everything that was sent on it', async () => {
  const pair = await SctpPair.established(clock, { loss: 0.1, delayMs: [5, 30], seed: 4 });
  for (let i = 0; i < 50; i += 1) pair.send(7, Buffer.alloc(3000, i));
  for (let i = 0; i < 400 && pair.a.association.isBusy(7); i += 1) await pass(50);
  expect(pair.b.messages).toHaveLength(50);
  pair.a.association.reset(7);
  for (let i = 0; i < 100 && pair.a.outgoingResets.length === 0; i += 1) await pass(100);
  expect([pair.b.incomingResets, pair.a.outgoingResets]).toEqual([[7], [7]]);
  pair.send(7, 'anew');
  for (let i = 0; i < 100 && pair.b.messages.length < 51; i += 1) await pass(100);
  expect(pair.b.messages.at(-1)?.data.toString()).toBe('anew');
});

test('a reset that overtakes its data waits for it', async () => {
  const pair = await SctpPair.established(clock);
  let held: Buffer[] | undefined = [];
  pair.onPath = (packet, from) => {
    if (from === 'b' || held === undefined || !typesIn(packet).includes(CHUNK.data)) return packet;
    held.push(packet);
    return undefined;
  };
  pair.send(9, 'late');
  await pass(5);
  pair.a.association.reset(9);
  await pass(50);
  expect(pair.b.incomingResets).toEqual([]);
  for (const packet of held) pair.b.association.receive(packet);
  held = undefined;
  await pass(5);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['late']);
  expect(pair.b.incomingResets).toEqual([9]);
  await pass(5000);
  expect(pair.a.outgoingResets).toEqual([9]);
});

test('500 streams reset at once, over a bad link', async () => {
  const pair = await SctpPair.established(clock, { loss: 0.2, delayMs: [1, 20], seed: 9 });
  const ids = Array.from({ length: 500 }, (_, i) => i);
  for (const id of ids) pair.a.association.reset(id);
  for (let i = 0; i < 300 && pair.a.outgoingResets.length < 500; i += 1) await pass(100);
  expect(pair.b.incomingResets.toSorted((x, y) => x - y)).toEqual(ids);
  expect(pair.a.outgoingResets.toSorted((x, y) => x - y)).toEqual(ids);
});

test('a sender stops at the window of a reader that waits, and goes on at once when it reads', async () => {
  const pair = await SctpPair.established(clock);
  pair.b.paused.add(1);
  const message = Buffer.alloc(50_000, 5);
  for (let i = 0; i < 100; i += 1) pair.send(1, message);
  await pass(60_000);
  const stuck = pair.b.messages.length;
  expect(stuck * message.length).toBeLessThan(1.3 * RECEIVE_WINDOW_BYTES);
  expect(pair.a.sent).toBeLessThan(1.3 * RECEIVE_WINDOW_BYTES);
  await pass(60_000);
  expect(pair.b.messages.length).toBe(stuck);
  pair.b.paused.clear();
  pair.b.association.hold(-stuck * message.length);
  await pass(400);
  expect(pair.b.messages.length).toBe(100);
  expect(pair.a.closed).toBeUndefined();
});

test('a window update that is lost is asked for', async () => {
  const pair = await SctpPair.established(clock);
  pair.b.paused.add(1);
  for (let i = 0; i < 60; i += 1) pair.send(1, Buffer.alloc(50_000, 5));
  await pass(60_000);
  const stuck = pair.b.messages.length;
  pair.onPath = () => undefined;
  pair.b.paused.clear();
  pair.b.association.hold(-stuck * 50_000);
  await pass(1000);
  pair.onPath = (packet) => packet;
  await pass(5000);
  expect(pair.b.messages.length).toBe(60);
});

test('a small message passes a stream that nobody reads', async () => {
  const pair = await SctpPair.established(clock);
  pair.b.paused.add(1);
  for (let i = 0; i < 60; i += 1) pair.send(1, Buffer.alloc(50_000, 5));
  await pass(60_000);
  for (const text of ['resize', 'mark', 'bye']) {
    pair.send(2, text);
    await pass(100);
  }
  const small = pair.b.messages.filter(({ streamId }) => streamId === 2);
  expect(small.map(({ data }) => data.toString())).toEqual(['resize', 'mark', 'bye']);
});

test('a flood of tiny messages to a reader that waits is held back too', async () => {
  const pair = await SctpPair.established(clock);
  pair.b.paused.add(1);
  const unread = vi.spyOn(pair.b.association, 'hold');
  for (let i = 0; i < 50_000; i += 1) pair.send(1, Buffer.alloc(30));
  for (let i = 0; i < 20; i += 1) await pass(1000);
  expect(unread).toHaveBeenCalled();
  expect(pair.b.messages.length).toBeLessThan(50_000);
});

/** All packets of one run over a bad link, in hexadecimal. */
async function packetsOf(seed: number): Promise<string[]> {
  const own = new ManualClock();
  const packets: string[] = [];
  const pair = new SctpPair(own, { loss: 0.1, doubled: 0.05, delayMs: [5, 40], seed });
  pair.onPath = (packet, from) => {
    packets.push(`${own.now()} ${from} ${packet.toString('hex')}`);
    return packet;
  };
  pair.a.association.start();
  pair.b.association.start();
  await own.advance(3000);
  for (const { streamId, data } of traffic(seed, 20, 20_000)) pair.send(streamId, data);
  await own.advance(20_000);
  pair.close();
  return packets;
}

test('two runs on the same clock, randomness and link send the same bytes at the same times', async () => {
  const first = await packetsOf(5);
  expect(first.length).toBeGreaterThan(50);
  expect(await packetsOf(5)).toEqual(first);
  expect(await packetsOf(6)).not.toEqual(first);
});
