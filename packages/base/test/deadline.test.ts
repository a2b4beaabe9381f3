import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('fires with a TimeoutError when the time is over', () => {
  using deadline = new Deadline(new AbortController().signal, 100);
  vi.advanceTimersByTime(99);
  expect(deadline.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
  expect(deadline.expired).toBe(true);
});

test('fires with the reason it was given', () => {
  using deadline = new Deadline(new AbortController().signal, 100, { reason: () => 'late' });
  vi.advanceTimersByTime(100);
  expect(deadline.signal.reason).toBe('late');
});

test('fires with the outer signal, which is not a time that is over', () => {
  const outer = new AbortController();
  using deadline = new Deadline(outer.signal, 100);
  outer.abort('stop');
  vi.advanceTimersByTime(100);
  expect(deadline.signal.reason).toBe('stop');
  expect(deadline.expired).toBe(false);
  using late = new Deadline(outer.signal, 100);
  expect(late.signal.reason).toBe('stop');
});

test('leaves neither timer nor listener once disposed of', () => {
  const { signal } = new AbortController();
  const deadline = new Deadline(signal, 100);
  deadline[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
