import { describe, expect, test } from 'vitest';
import { MAX_PENDING_DIALS, MAX_PENDING_SIGNALS, type Signal, SignalingError, take } from '../src/index.ts';
import { MemoryTransport, memoryPair } from '../src/memory/index.ts';
import { HandTimers } from './support/hand-timers.ts';

const ALWAYS = { signal: new AbortController().signal };
const OFFER: Signal = { type: 'offer', sdp: 'v=0\r\n' };
const ANSWER: Signal = { type: 'answer', sdp: 'v=0\r\n' };
const END: Signal = { type: 'end-of-candidates', usernameFragment: null };
const isError = (code: string) => expect.objectContaining({ code });
const reader = (signaler: AsyncIterable<Signal>) => signaler[Symbol.asyncIterator]();

describe('memoryPair', () => {
  test('carries signals both ways until one end closes', async () => {
    const [client, host] = memoryPair();
    await client.send(OFFER, ALWAYS);
    await host.send(ANSWER, ALWAYS);
    await host.close();
    expect(await Array.fromAsync(client)).toEqual([ANSWER]);
    await expect(client.send(END, ALWAYS)).rejects.toEqual(isError('closed'));
  });

  test('vouches at the host for what it was told, at the client for nothing', () => {
    const [client, host] = memoryPair({ remote: { kind: 'login', user: 'ada' } });
    expect([client.remote, host.remote]).toEqual([{ kind: 'none' }, { kind: 'login', user: 'ada' }]);
  });

  test('tells the reason of a close, behind what was sent before', async () => {
    const [client, host] = memoryPair();
    await host.send(ANSWER, ALWAYS);
    await host.close(new SignalingError('unauthorized', 'No'));
    const reads = reader(client);
    expect(await reads.next()).toMatchObject({ value: ANSWER });
    await expect(reads.next()).rejects.toEqual(isError('unauthorized'));
  });

  test('a signal too many is refused, and both readers are told', async () => {
    const [client, host] = memoryPair();
    for (let count = 0; count < MAX_PENDING_SIGNALS; count += 1) await client.send(END, ALWAYS);
    await expect(client.send(END, ALWAYS)).rejects.toEqual(isError('too-many'));
    await expect(reader(client).next()).rejects.toEqual(isError('too-many'));
    const reads = reader(host);
    for (let count = 0; count < MAX_PENDING_SIGNALS; count += 1)
      expect(await reads.next()).toMatchObject({ value: END });
    await expect(reads.next()).rejects.toEqual(isError('too-many'));
  });
});

describe('latency', () => {
  test('delays every signal and keeps their order, whichever timer fires first', async () => {
    const timers = new HandTimers();
    const [client, host] = memoryPair({ latencyMs: 50, startTimer: timers.start });
    const sent = [OFFER, END, ANSWER];
    for (const signal of sent) await client.send(signal, ALWAYS);
    await client.close();
    timers.pass(49);
    const received: Signal[] = [];
    const reading = (async () => {
      for await (const signal of host) received.push(signal);
    })();
    await Promise.resolve();
    expect(received).toEqual([]);
    timers.pass(1);
    await reading;
    expect(received).toEqual(sent);
  });

  test('counts what is under way', async () => {
    const timers = new HandTimers();
    const [client] = memoryPair({ latencyMs: 50, startTimer: timers.start });
    for (let count = 0; count < MAX_PENDING_SIGNALS; count += 1) await client.send(END, ALWAYS);
    await expect(client.send(END, ALWAYS)).rejects.toEqual(isError('too-many'));
  });

  test('leaves no timer behind when both ends close', async () => {
    const timers = new HandTimers();
    const [client, host] = memoryPair({ latencyMs: 50, startTimer: timers.start });
    await client.send(OFFER, ALWAYS);
    await host.send(ANSWER, ALWAYS);
    await Promise.all([client.close(), host.close()]);
    timers.pass(50);
    expect(timers.size).toBe(0);
  });
});

describe('MemoryTransport', () => {
  test('gives its listener every conversation', async () => {
    await using transport = new MemoryTransport();
    const { listener } = transport;
    const dialing = Promise.all([transport.dial(ALWAYS), transport.dial(ALWAYS)]);
    const hosts = [];
    for await (const host of listener) if (hosts.push(host) === 2) break;
    const [first, second] = await dialing;
    await second.send(ANSWER, ALWAYS);
    await first.send(OFFER, ALWAYS);
    const received = await Promise.all(hosts.map(({ signaler }) => reader(signaler).next()));
    expect(received.map(({ value }) => value)).toEqual([OFFER, ANSWER]);
  });

  test('refuses dials when its listener is gone, those that wait too', async () => {
    const transport = new MemoryTransport();
    const waiting = transport.dial(ALWAYS);
    await transport.listener[Symbol.asyncDispose]();
    await expect(waiting).rejects.toEqual(isError('unavailable'));
    await expect(transport.dial(ALWAYS)).rejects.toEqual(isError('unavailable'));
    await expect(take(transport.listener, ALWAYS)).rejects.toEqual(isError('closed'));
  });

  test('lets at most MAX_PENDING_DIALS wait; a cancelled one makes room', async () => {
    await using transport = new MemoryTransport();
    const abort = new AbortController();
    const cancelled = transport.dial({ signal: abort.signal });
    const waiting = Array.from({ length: MAX_PENDING_DIALS - 1 }, () => transport.dial(ALWAYS));
    const settled = Promise.allSettled(waiting);
    await expect(transport.dial(ALWAYS)).rejects.toEqual(isError('too-many'));
    abort.abort();
    await expect(cancelled).rejects.toEqual(isError('aborted'));
    const late = transport.dial(ALWAYS);
    for (let count = 0; count < MAX_PENDING_DIALS; count += 1) await take(transport.listener, ALWAYS);
    await late;
    expect((await settled).every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  test('a cancelled accept loses no conversation', async () => {
    await using transport = new MemoryTransport();
    const abort = new AbortController();
    const accepting = take(transport.listener, { signal: abort.signal });
    abort.abort();
    await expect(accepting).rejects.toEqual(isError('aborted'));
    const [client, incoming] = await Promise.all([transport.dial(ALWAYS), take(transport.listener, ALWAYS)]);
    await client.send(OFFER, ALWAYS);
    expect(await reader(incoming.signaler).next()).toMatchObject({ value: OFFER });
  });

  test('a time limit that passes is told as a timeout', async () => {
    await using transport = new MemoryTransport();
    await expect(transport.dial({ signal: AbortSignal.timeout(1) })).rejects.toEqual(isError('timeout'));
  });
});
