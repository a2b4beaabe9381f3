import { describe, expect, test } from 'vitest';
import { MAX_PENDING_SIGNALS, SignalingError, SignalQueue } from '../src/index.ts';

const LOST = new SignalingError('lost', 'The transport broke');
const isError = (code: string) => expect.objectContaining({ code });

async function all<T>(queue: SignalQueue<T>): Promise<T[]> {
  return Array.fromAsync(queue);
}

test('values come out in order, those held and those waited for', async () => {
  const queue = new SignalQueue<number>();
  queue.push(1);
  queue.push(2);
  const reading = all(queue);
  await Promise.resolve();
  queue.push(3);
  queue.end();
  expect(await reading).toEqual([1, 2, 3]);
});

test('values held come before a failure, which stays', async () => {
  const queue = new SignalQueue<number | undefined>();
  queue.push(undefined);
  queue.fail(LOST);
  queue.end();
  queue.push(7);
  const reader = queue[Symbol.asyncIterator]();
  expect(await reader.next()).toEqual({ done: false, value: undefined });
  await expect(reader.next()).rejects.toBe(LOST);
  await expect(reader.next()).rejects.toBe(LOST);
});

test('a reader that waits meets the failure', async () => {
  const queue = new SignalQueue<number>();
  const reader = queue[Symbol.asyncIterator]();
  const first = reader.next();
  const second = reader.next();
  queue.fail(LOST);
  await expect(first).rejects.toBe(LOST);
  await expect(second).rejects.toBe(LOST);
});

test('the end counts when it comes first', async () => {
  const queue = new SignalQueue<number>();
  queue.end();
  queue.fail(LOST);
  expect(queue.isOver).toBe(true);
  expect(await all(queue)).toEqual([]);
});

describe('at the cap', () => {
  test('one value more is refused, and the reader is told behind those held', async () => {
    const queue = new SignalQueue<number>();
    for (let value = 0; value < MAX_PENDING_SIGNALS; value += 1) queue.push(value);
    expect(queue.size).toBe(MAX_PENDING_SIGNALS);
    expect(() => queue.push(-1)).toThrow(isError('too-many'));
    const reader = queue[Symbol.asyncIterator]();
    for (let value = 0; value < MAX_PENDING_SIGNALS; value += 1) {
      expect(await reader.next()).toEqual({ done: false, value });
    }
    await expect(reader.next()).rejects.toEqual(isError('too-many'));
  });

  test('a reader that keeps up may take any number', async () => {
    const queue = new SignalQueue<number>({ capacity: 1 });
    const reader = queue[Symbol.asyncIterator]();
    for (let value = 0; value < 1000; value += 1) {
      queue.push(value);
      expect(await reader.next()).toEqual({ done: false, value });
    }
  });

  test('values taken back make room', () => {
    const queue = new SignalQueue<string>({ capacity: 1 });
    queue.push('a');
    expect(queue.delete('b')).toBe(false);
    expect(queue.delete('a')).toBe(true);
    queue.push('c');
    expect(queue.drain()).toEqual(['c']);
    expect(queue.size).toBe(0);
  });
});

describe('the reader', () => {
  test('is one', () => {
    const queue = new SignalQueue<number>();
    queue[Symbol.asyncIterator]();
    expect(() => queue[Symbol.asyncIterator]()).toThrow(isError('invalid-state'));
  });

  test('may leave, and another goes on where it stopped', async () => {
    const queue = new SignalQueue<number>();
    for (const value of [1, 2, 3]) queue.push(value);
    queue.end();
    for await (const value of queue) if (value === 1) break;
    expect(await all(queue)).toEqual([2, 3]);
  });

  test('that leaves while it waits takes nothing with it', async () => {
    const queue = new SignalQueue<number>();
    const reader = queue[Symbol.asyncIterator]();
    const waiting = reader.next();
    await reader.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    queue.push(1);
    queue.end();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await all(queue)).toEqual([1]);
  });
});
