import { ManualClock } from '@ouro/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { SctpPair } from './support/sctp-pair.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
const pass = (ms: number): Promise<void> => clock.advance(ms);

// RFC 9260 section 5.2: a stack that begins at the same time and answers at once, as browsers do.
test('what was said first goes out though COOKIE ECHO came in the same turn as INIT ACK', async () => {
  const pair = new SctpPair(clock);
  const held: Buffer[] = [];
  pair.onPath = (packet, from) => {
    if (from === 'a') return packet;
    held.push(packet);
    return undefined;
  };
  pair.a.whenEstablished = () => pair.send(0, 'first');
  pair.a.association.start();
  pair.b.association.start();
  await pass(2);
  const [init, initAck] = held.splice(0);
  pair.a.association.receive(init ?? Buffer.alloc(0));
  await pass(2);
  const [cookieEcho] = held.splice(0);
  pair.onPath = (packet) => packet;
  pair.a.association.receive(initAck ?? Buffer.alloc(0));
  // Two datagrams of one turn: promise callbacks run in between, immediates after both.
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  pair.a.association.receive(cookieEcho ?? Buffer.alloc(0));
  await pass(50);
  expect([pair.a.established, pair.b.established]).toEqual([1, 1]);
  expect(pair.b.messages.map(({ data }) => data.toString())).toEqual(['first']);
  pair.close();
});
