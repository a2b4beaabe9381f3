import type { Clock } from './clock.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** Timers of the machine count whole milliseconds, and end up to one too early. */
const PRECISION_MS = 1;

/**
 * One task whose time is set again and again, as for each packet. Setting it later makes no new timer: the one that runs
 * looks at its end whether it was too early.
 */
export class Timer {
  readonly #clock: Clock;
  readonly #task: () => void;
  #dueAt = NEVER;
  /** When the clock's own timer ends; `NEVER` without one. */
  #endsAt = NEVER;
  #cancel: () => void = () => {};

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  /** Whether the task is to run. */
  get isSet(): boolean {
    return this.#dueAt !== NEVER;
  }

  /** The task runs once, in `ms` milliseconds from now, instead of when it was set to. */
  set(ms: number): void {
    this.#dueAt = this.#clock.now() + ms;
    if (this.#endsAt > this.#dueAt) this.#arm(ms);
  }

  /** The task does not run. What may be left in the clock does nothing. */
  clear(): void {
    this.#dueAt = NEVER;
  }

  /** The task does not run, and nothing is left in the clock. */
  stop(): void {
    this.#dueAt = NEVER;
    this.#endsAt = NEVER;
    this.#cancel();
  }

  #arm(ms: number): void {
    this.#cancel();
    this.#endsAt = this.#dueAt;
    this.#cancel = this.#clock.after(ms, this.#ended);
  }

  readonly #ended = (): void => {
    this.#endsAt = NEVER;
    if (this.#dueAt === NEVER) return;
    const left = this.#dueAt - this.#clock.now();
    if (left >= PRECISION_MS) this.#arm(left);
    else {
      this.#dueAt = NEVER;
      this.#task();
    }
  };
}
