import { expect, test } from 'vitest';
import { type Clock, Timer } from '../src/index.ts';

/** A clock that counts the timers it makes, and ends each as early as a machine's may. */
class CountingClock implements Clock {
  time = 0;
  made = 0;
  waiting: { readonly at: number; readonly task: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.time + Math.floor(ms), task };
    this.made += 1;
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.waiting.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.waiting = this.waiting.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.task();
    }
    this.time = end;
  }
}

function timed(): { clock: CountingClock; timer: Timer; ran: number[] } {
  const clock = new CountingClock();
  const ran: number[] = [];
  return { clock, ran, timer: new Timer(clock, () => ran.push(clock.now())) };
}

test('the task runs once, when it was last set to', () => {
  const { clock, timer, ran } = timed();
  timer.set(100);
  clock.pass(60);
  timer.set(100);
  expect(timer.isSet).toBe(true);
  clock.pass(1000);
  expect(ran).toEqual([160]);
  expect(timer.isSet).toBe(false);
  expect(clock.waiting).toEqual([]);
});

test('a time that comes nearer counts', () => {
  const { clock, timer, ran } = timed();
  timer.set(1000);
  timer.set(10);
  clock.pass(5000);
  expect(ran).toEqual([10]);
});

test('putting it off a thousand times makes no timer for each', () => {
  const { clock, timer, ran } = timed();
  for (let i = 0; i < 1000; i += 1) {
    timer.set(200);
    clock.pass(1);
  }
  clock.pass(1000);
  expect(ran).toEqual([1199]);
  expect(clock.made).toBeLessThan(10);
});

test('cleared or stopped, it does not run; stopped, nothing is left', () => {
  const { clock, timer, ran } = timed();
  timer.set(100);
  timer.clear();
  expect(timer.isSet).toBe(false);
  clock.pass(1000);
  timer.set(100);
  timer.stop();
  expect(clock.waiting).toEqual([]);
  clock.pass(1000);
  expect(ran).toEqual([]);
  timer.set(100);
  clock.pass(1000);
  expect(ran.length).toBe(1);
});

test('a timer of the machine that ends within its precision is not set anew', () => {
  const { clock, timer, ran } = timed();
  timer.set(12.7);
  clock.pass(13);
  expect(ran).toEqual([12]);
  expect(clock.made).toBe(1);
});

test('the task may set it again', () => {
  const clock = new CountingClock();
  let ran = 0;
  const timer: Timer = new Timer(clock, () => {
    ran += 1;
    if (ran < 3) timer.set(10);
  });
  timer.set(10);
  clock.pass(100);
  expect(ran).toBe(3);
});
