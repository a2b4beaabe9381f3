/** A timer for one task, which runs at the earliest of the times it was asked for. */
export class EarliestTimer {
  readonly #task: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Number.POSITIVE_INFINITY;

  constructor(task: () => void) {
    this.#task = task;
  }

  /** In `ms` milliseconds at the latest. */
  within(ms: number): void {
    const at = performance.now() + ms;
    if (this.#at <= at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(this.#task, ms);
  }

  /** Never, as far as asked until now. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }
}
