import { ManualClock } from '@ouro/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { LINGER_MS, NO_PAIR_TIMEOUT_MS } from '../src/constants.ts';
import { type IceAgent, type IceSocketSource, IceTransport } from '../src/index.ts';
import { IceNetwork } from './support/ice-network.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
const pass = (ms: number): Promise<void> => clock.advance(ms);

const data = (text: string): Buffer => Buffer.concat([Buffer.from([22]), Buffer.from(text)]);

/** One end, whose addresses may change between generations. */
class End {
  readonly transport: IceTransport;
  readonly states: string[] = [];
  readonly received: string[] = [];
  readonly silent: boolean[] = [];
  sources: IceSocketSource;

  constructor(network: IceNetwork, address: string) {
    this.sources = network.source(address);
    this.transport = new IceTransport({
      ...network.runtime,
      sources: () => [this.sources],
      servers: () => ({ stun: [], turn: [] }),
      consentTimeoutMs: 10_000,
      onCandidate: () => undefined,
      onState: (state) => this.states.push(state),
      onSelected: (_pair, { silent }) => this.silent.push(silent),
      onData: (datagram) => this.received.push(datagram.subarray(1).toString()),
    });
  }

  /** The next generation, open. */
  async next(): Promise<IceAgent> {
    const generation = this.transport.prepare();
    this.transport.adopt(generation);
    await generation.open();
    return generation;
  }
}

function introduce(a: IceAgent, b: IceAgent): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.start(other.local);
    for (const candidate of other.localCandidates) one.addRemoteCandidate(candidate);
  }
}

async function connected(network: IceNetwork): Promise<[End, End]> {
  const ends: [End, End] = [new End(network, '192.0.2.1'), new End(network, '192.0.2.2')];
  const [a, b] = ends;
  a.transport.current.setRole(true);
  await Promise.all(ends.map(({ transport }) => transport.current.open()));
  introduce(a.transport.current, b.transport.current);
  await pass(200);
  return ends;
}

function close(...ends: readonly End[]): void {
  for (const { transport } of ends) transport.close();
}

test('RFC 8445 section 9: the path in use carries until the next generation has one; roles stay', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  const [nextA, nextB] = [await a.next(), await b.next()];
  a.transport.send(data('before'));
  introduce(nextA, nextB);
  a.transport.send(data('while'));
  await pass(50);
  expect(a.transport.current).toBe(nextA);
  expect([nextA.controlling, nextB.controlling]).toEqual([true, false]);
  a.transport.send(data('after'));
  await pass(50);
  expect(b.received).toEqual(['before', 'while', 'after']);
  expect([a.states, b.states]).toEqual([
    ['checking', 'connected'],
    ['checking', 'connected'],
  ]);
  close(a, b);
});

test('what was sent over the old path still counts for a while, then its sockets are closed', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  const old = b.transport.current;
  introduce(await a.next(), await b.next());
  await pass(50);
  old.send(data('late'));
  await pass(50);
  expect(a.received).toEqual(['late']);
  expect(network.openSockets).toBe(4);
  await pass(LINGER_MS);
  expect(network.openSockets).toBe(2);
  close(a, b);
  expect(network.openSockets).toBe(0);
  await pass(10);
  expect(clock.pending).toBe(0);
});

test('a restart that finds no path leaves the one in use; when consent expires after that, it has failed', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  const before = a.transport.current;
  network.passes = ({ from }) => from.port < 1002;
  introduce(await a.next(), await b.next());
  await pass(NO_PAIR_TIMEOUT_MS + 1000);
  expect(a.transport.current).toBe(before);
  expect(a.states.at(-1)).toBe('connected');
  expect(network.openSockets).toBe(2);
  network.passes = () => false;
  await pass(20_000);
  expect(a.states.slice(-2)).toEqual(['disconnected', 'failed']);
  close(a, b);
});

test('a path that has failed is replaced from another address, and known to have been silent', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  const moved = ({ from, to }: { from: { address: string }; to: { address: string } }): boolean =>
    from.address !== '192.0.2.1' && to.address !== '192.0.2.1';
  network.passes = moved;
  await pass(30_000);
  expect([a.transport.state, b.transport.state]).toEqual(['failed', 'failed']);
  a.sources = network.source('192.0.2.7');
  introduce(await a.next(), await b.next());
  expect(a.transport.state).toBe('checking');
  await pass(100);
  expect(a.states.slice(-2)).toEqual(['checking', 'connected']);
  expect(a.silent).toEqual([false, true]);
  a.transport.send(data('moved'));
  b.transport.send(data('seen'));
  await pass(50);
  expect([a.received, b.received]).toEqual([['seen'], ['moved']]);
  expect(a.transport.bytes).toEqual({ sent: 6, received: 5 });
  close(a, b);
});

test('a newer restart replaces one that looks for a path still; one called off leaves nothing', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  const first = await a.next();
  const second = await a.next();
  expect(first.state).toBe('closed');
  introduce(second, await b.next());
  await pass(50);
  expect(a.transport.current).toBe(second);
  await a.next();
  a.transport.abandon();
  await pass(LINGER_MS);
  expect(network.openSockets).toBe(2);
  close(a, b);
});

test('many restarts at once keep few old sockets open', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  for (let i = 0; i < 20; i += 1) {
    introduce(await a.next(), await b.next());
    await pass(50);
    expect(network.openSockets).toBeLessThanOrEqual(6);
  }
  close(a, b);
  expect(network.openSockets).toBe(0);
});
