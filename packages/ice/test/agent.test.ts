import { decodeStun, newTransactionId } from '@ouro/stun';
import { ManualClock } from '@ouro/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { encodeCheck } from '../src/checks.ts';
import { MAX_EARLY_CHECKS, MAX_PAIRS, MAX_REMOTE_CANDIDATES, NO_PAIR_TIMEOUT_MS } from '../src/constants.ts';
import { IceEnd, IceNetwork } from './support/ice-network.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
const pass = (ms: number): Promise<void> => clock.advance(ms);

/** First byte of a DTLS record: what is no STUN and may pass. */
const data = (text: string): Buffer => Buffer.concat([Buffer.from([22]), Buffer.from(text)]);
const texts = ({ received }: IceEnd): string[] => received.map((text) => text.slice(1));

async function pairOf(
  network: IceNetwork,
  { here = ['192.0.2.1'], there = ['192.0.2.2'], consentTimeoutMs = 12_000 } = {},
): Promise<[IceEnd, IceEnd]> {
  const a = new IceEnd(network, network.source(...here), { consentTimeoutMs });
  const b = new IceEnd(network, network.source(...there), { consentTimeoutMs });
  a.agent.setRole(true);
  await Promise.all([a.agent.open(), b.agent.open()]);
  return [a, b];
}

async function connected(network: IceNetwork, options = {}): Promise<[IceEnd, IceEnd]> {
  const [a, b] = await pairOf(network, options);
  b.know(a);
  a.know(b);
  await pass(200);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  return [a, b];
}

test('two agents connect within two round trips and carry data; close leaves nothing', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  b.know(a);
  a.know(b);
  await pass(21);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  a.agent.send(data('ping'));
  b.agent.send(data('pong'));
  await pass(10);
  expect([texts(a), texts(b)]).toEqual([['pong'], ['ping']]);
  a.agent.close();
  b.agent.close();
  expect(network.openSockets).toBe(0);
  await pass(10);
  expect(clock.pending).toBe(0);
  a.agent.send(data('late'));
});

test('checks that come before the description are answered at once, and remembered', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  b.know(a);
  await pass(100);
  expect(a.agent.state).toBe('new');
  expect(b.agent.pairs[0]?.state).toBe('succeeded');
  a.agent.start(b.agent.local);
  await pass(100);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  expect(a.agent.selected?.remote.type).toBe('prflx');
});

test('a controlling end whose first check is a look back nominates with it: one round trip', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  b.know(a);
  await pass(100);
  a.know(b);
  await pass(11);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
});

test('one end may have no candidates at all', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  b.know(a);
  a.agent.start(b.agent.local);
  await pass(100);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
});

test('a far end behind a NAT is reached where it was seen', async () => {
  const network = new IceNetwork(clock);
  const nat = { address: '203.0.113.9', port: 40_000 };
  const inner = '10.0.0.5';
  network.passes = ({ to }) => to.address !== inner;
  network.seenFrom = ({ from }) => (from.address === inner ? nat : from);
  const original = network.deliver.bind(network);
  let mapped = { address: inner, port: 0 };
  network.deliver = (packet) => {
    if (packet.from.address === inner) mapped = packet.from;
    const back = packet.to.address === nat.address;
    if (!back) return original(packet);
    network.passes = () => true;
    original({ ...packet, to: mapped });
    network.passes = ({ to }) => to.address !== inner;
  };
  const [a, b] = await pairOf(network, { here: ['198.51.100.1'], there: [inner] });
  b.know(a);
  a.know(b);
  await pass(3000);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  expect(a.agent.selected?.remote).toMatchObject({ type: 'prflx', ...nat });
});

test('the better of two working paths is chosen by both', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network, {
    here: ['192.0.2.1', '2001:db8::1'],
    there: ['2001:db8::2', '192.0.2.2'],
  });
  await pass(5000);
  expect(a.agent.selected?.remote.address).toBe('2001:db8::2');
  expect(b.agent.selected?.remote.address).toBe('2001:db8::1');
});

test('a path that fails does not hold up one that works', async () => {
  const network = new IceNetwork(clock);
  network.passes = ({ to }) => !to.address.includes(':');
  const [a, b] = await connected(network, {
    here: ['192.0.2.1', '2001:db8::1'],
    there: ['2001:db8::2', '192.0.2.2'],
  });
  expect([a.agent.selected?.remote.address, b.agent.selected?.remote.address]).toEqual([
    '192.0.2.2',
    '192.0.2.1',
  ]);
});

test.for([true, false])('when both think that they control (%s), one gives way', async (controlling) => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  a.agent.setRole(controlling);
  b.agent.setRole(controlling);
  b.know(a);
  a.know(b);
  await pass(1000);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  expect(a.agent.controlling).toBe(!b.agent.controlling);
});

test('lost checks are repeated', async () => {
  const network = new IceNetwork(clock);
  let count = 0;
  network.passes = () => {
    count += 1;
    return count > 6;
  };
  const [a, b] = await pairOf(network);
  b.know(a);
  a.know(b);
  await pass(5000);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
});

test('a request that is not made with our password has no answer and no effect', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  const to = a.candidates[0];
  if (to === undefined) throw new Error('no candidate');
  const stranger = { address: '203.0.113.66', port: 6666 };
  const check = { controlling: true, tieBreaker: 2n ** 64n - 1n, useCandidate: true, priority: 2 ** 31 - 1 };
  const forge = (ufrag: string, pwd: string): void => {
    const remote = { ufrag, pwd };
    const datagram = encodeCheck(newTransactionId(), { ...check, local: b.agent.local, remote });
    network.deliver({ from: stranger, to, datagram });
  };
  const tryAll = async (): Promise<void> => {
    network.log.length = 0;
    forge(a.agent.local.ufrag, 'x'.repeat(24));
    forge('else', a.agent.local.pwd);
    await pass(50);
    expect(network.log.filter(({ to: target }) => target.address === stranger.address)).toEqual([]);
    expect(a.agent.remoteCandidates.some(({ address }) => address === stranger.address)).toBe(false);
    expect(a.agent.controlling).toBe(true);
  };
  await tryAll();
  b.know(a);
  a.know(b);
  await pass(200);
  const before = a.agent.selected;
  await tryAll();
  expect(a.agent.selected).toBe(before);
  expect(a.agent.state).toBe('connected');
});

test('a request of a third party that knows our password but not the far end is not taken for its', async () => {
  const network = new IceNetwork(clock);
  const [a] = await connected(network);
  const to = a.candidates[0];
  if (to === undefined) throw new Error('no candidate');
  const local = { ufrag: 'third', pwd: 'x'.repeat(24) };
  const check = { controlling: false, tieBreaker: 1n, useCandidate: false, priority: 5 };
  const datagram = encodeCheck(newTransactionId(), { ...check, local, remote: a.agent.local });
  network.deliver({ from: { address: '203.0.113.66', port: 6666 }, to, datagram });
  await pass(100);
  expect(a.agent.remoteCandidates.some(({ address }) => address === '203.0.113.66')).toBe(false);
});

test('data from an address without a checked pair is dropped', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  const to = a.candidates[0];
  const from = b.candidates[0];
  if (to === undefined || from === undefined) throw new Error('no candidate');
  network.deliver({ from, to, datagram: data('before') });
  await pass(50);
  b.know(a);
  a.know(b);
  await pass(200);
  network.deliver({ from: { address: '203.0.113.66', port: 6666 }, to, datagram: data('forged') });
  network.deliver({ from: { ...from, port: from.port + 1 }, to, datagram: data('other port') });
  network.deliver({ from, to, datagram: Buffer.from([128, 1, 2]) });
  await pass(50);
  b.agent.send(data('real'));
  await pass(50);
  expect(texts(a)).toEqual(['real']);
});

test('an answer that is not signed, not asked for, or from elsewhere does not count', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network);
  const original = network.deliver.bind(network);
  network.deliver = (packet) => {
    const message = decodeStun(packet.datagram);
    if (message?.type !== 0x101) return original(packet);
    const forged = Buffer.from(packet.datagram);
    forged.writeUInt8(forged.readUInt8(30) ^ 1, 30);
    original({ ...packet, datagram: forged });
    original({ ...packet, from: { address: '203.0.113.66', port: 6666 } });
  };
  b.know(a);
  a.know(b);
  await pass(2000);
  expect([a.agent.state, b.agent.state]).toEqual(['checking', 'checking']);
});

test('consent: a gap of five seconds is survived, a dead path ends it within the limit', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await connected(network);
  await pass(30_000);
  network.passes = () => false;
  await pass(5000);
  network.passes = () => true;
  await pass(3000);
  expect([a.agent.state, b.agent.state]).toEqual(['connected', 'connected']);
  network.passes = () => false;
  await pass(9000);
  expect([a.agent.state, b.agent.state]).toEqual(['disconnected', 'disconnected']);
  await pass(6000);
  expect([a.agent.state, b.agent.state]).toEqual(['failed', 'failed']);
  expect(clock.pending).toBe(0);
});

test('consent: the limit is a matter of options', async () => {
  const network = new IceNetwork(clock);
  const [a] = await connected(network, { consentTimeoutMs: 60_000 });
  network.passes = () => false;
  await pass(50_000);
  expect(a.agent.state).toBe('disconnected');
  network.passes = () => true;
  await pass(3000);
  expect(a.agent.state).toBe('connected');
});

test('without any way it fails, but not before it has been patient', async () => {
  const network = new IceNetwork(clock);
  network.passes = () => false;
  const [a, b] = await pairOf(network);
  b.know(a);
  a.know(b);
  await pass(NO_PAIR_TIMEOUT_MS - 100);
  expect(a.agent.state).toBe('checking');
  await pass(200);
  expect([a.agent.state, b.agent.state]).toEqual(['failed', 'failed']);
});

test('at the caps, more candidates and early checks are dropped', async () => {
  const network = new IceNetwork(clock);
  const [a, b] = await pairOf(network, { here: ['192.0.2.1', '192.0.2.3', '192.0.2.4'] });
  const to = a.candidates[0];
  const [sample] = b.candidates;
  if (to === undefined || sample === undefined) throw new Error('no candidate');
  const check = { controlling: false, tieBreaker: 1n, useCandidate: false, priority: 5 };
  for (let i = 0; i < 3 * MAX_EARLY_CHECKS; i += 1) {
    const datagram = encodeCheck(newTransactionId(), {
      ...check,
      local: b.agent.local,
      remote: a.agent.local,
    });
    network.deliver({ from: { address: '192.0.2.9', port: 2000 + i }, to, datagram });
  }
  await pass(50);
  for (let i = 0; i < 3 * MAX_REMOTE_CANDIDATES; i += 1) {
    a.agent.addRemoteCandidate({ ...sample, address: `198.51.100.${i % 250}`, port: 3000 + i });
  }
  a.agent.start(b.agent.local);
  expect(a.agent.remoteCandidates.length).toBe(MAX_REMOTE_CANDIDATES);
  expect(a.agent.pairs.length).toBe(MAX_PAIRS);
  await pass(100);
  expect(a.agent.remoteCandidates.length).toBe(MAX_REMOTE_CANDIDATES);
});

test('credentials are random and long enough', async () => {
  const network = new IceNetwork(clock);
  const all = Array.from({ length: 50 }, () => new IceEnd(network, network.source()).agent.local);
  for (const { ufrag, pwd } of all) {
    expect(ufrag).toMatch(/^[A-Za-z0-9+/]{8}$/);
    expect(pwd).toMatch(/^[A-Za-z0-9+/]{24}$/);
  }
  expect(new Set(all.flatMap(({ ufrag, pwd }) => [ufrag, pwd])).size).toBe(100);
});

/** All datagrams of one run, in hexadecimal. */
async function datagramsOf(seed: number): Promise<string[]> {
  const own = new ManualClock();
  const network = new IceNetwork(own, seed);
  const datagrams: string[] = [];
  network.passes = ({ from, datagram }) => {
    datagrams.push(`${own.now()} ${from.address} ${datagram.toString('hex')}`);
    // Some get lost.
    return datagrams.length % 3 !== 0;
  };
  const [a, b] = await pairOf(network, { here: ['192.0.2.1', '2001:db8::1'] });
  b.know(a);
  a.know(b);
  await own.advance(20_000);
  a.agent.close();
  b.agent.close();
  return datagrams;
}

test('two runs on the same clock and randomness send the same datagrams at the same times', async () => {
  const first = await datagramsOf(5);
  expect(first.length).toBeGreaterThan(20);
  expect(await datagramsOf(5)).toEqual(first);
  expect(await datagramsOf(6)).not.toEqual(first);
});
