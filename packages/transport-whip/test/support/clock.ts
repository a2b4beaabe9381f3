import type { Clock } from '../../src/server/index.ts';

/** Time that stands still until it is told to pass. */
export class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Map<symbol, { at: number; task: () => void }>();

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const key = Symbol('timer');
    this.#timers.set(key, { at: this.#now + ms, task });
    return () => void this.#timers.delete(key);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const [key, { at, task }] of [...this.#timers]) {
      if (at > this.#now || !this.#timers.delete(key)) continue;
      task();
    }
  }
}
