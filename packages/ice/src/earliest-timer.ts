import type { Clock } from '@ouro/base';

/** A timer for one task, which runs at the earliest of the times it was asked for. */
export class EarliestTimer {
  readonly #clock: Clock;
  readonly #task: () => void;
  #cancel: () => void = () => {};
  #at = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  /** In `ms` milliseconds at the latest. */
  within(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#at <= at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#clock.after(ms, this.#task);
  }

  /** Never, as far as asked until now. */
  cancel(): void {
    this.#cancel();
    this.#at = Number.POSITIVE_INFINITY;
  }
}
