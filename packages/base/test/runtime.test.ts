import { expect, test } from 'vitest';
import { type Clock, randomFraction, systemClock } from '../src/index.ts';
import { runtimeOf, systemRandom } from '../src/node/index.ts';

test('what is not given is of the machine', () => {
  const clock: Clock = { now: () => 1, after: () => () => {} };
  expect(runtimeOf({})).toEqual({ clock: systemClock, random: systemRandom });
  expect(runtimeOf({ clock })).toEqual({ clock, random: systemRandom });
});

test('the machine gives as many bytes as asked for, and others each time', () => {
  expect(systemRandom(16)).toHaveLength(16);
  expect(systemRandom(16)).not.toEqual(systemRandom(16));
});

test('a fraction is 32 bits of the source', () => {
  expect(randomFraction(() => Uint8Array.of(0, 0, 0, 0))).toBe(0);
  expect(randomFraction(() => Uint8Array.of(0x80, 0, 0, 0))).toBe(0.5);
  expect(randomFraction(() => Uint8Array.of(255, 255, 255, 255))).toBe(1 - 2 ** -32);
});

test('a cancelled task does not run, a due one does', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(1, () => ran.push('cancelled'), { unref: true });
  cancel();
  await new Promise<void>((resolve) => systemClock.after(2, resolve));
  expect(ran).toEqual([]);
});
