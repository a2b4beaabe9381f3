import type { StartTimer } from '../../src/memory/index.ts';

/** Timers that a test moves on by hand. */
export class HandTimers {
  #now = 0;
  readonly #pending = new Set<{ readonly at: number; readonly callback: () => void }>();

  readonly start: StartTimer = (callback, milliseconds) => {
    const timer = { at: this.#now + milliseconds, callback };
    this.#pending.add(timer);
    return () => this.#pending.delete(timer);
  };

  /** Timers that have neither fired nor been taken back. */
  get size(): number {
    return this.#pending.size;
  }

  /** Lets time pass and fires what is due, the latest first where times are equal. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    const due = [...this.#pending].reverse().filter(({ at }) => at <= this.#now);
    for (const timer of due) {
      this.#pending.delete(timer);
      timer.callback();
    }
  }
}
