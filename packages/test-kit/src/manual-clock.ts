import type { Clock } from '@ouro/base';

/** Time that passes when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #tasks = new Set<{ at: number; task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#tasks.size;
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#tasks.delete(next);
      this.#now = next.at;
      next.task();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; task: () => void } | undefined {
    return [...this.#tasks].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}
