import type { Clock } from '@ouro/base';

interface Entry {
  readonly at: number;
  readonly task: () => void;
  isCancelled: boolean;
}

/** Time that passes when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  /** The next one last; of two for the same time the one made first is nearer to the end. */
  readonly #entries: Entry[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, ms), task, isCancelled: false };
    this.#entries.splice(this.#placeOf(entry.at), 0, entry);
    return () => {
      entry.isCancelled = true;
    };
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#entries.filter(({ isCancelled }) => !isCancelled).length;
  }

  /** Lets so many milliseconds pass at one go: each task sees its own time. */
  pass(ms: number): void {
    const end = this.#now + ms;
    while (this.#step(end));
    this.#now = end;
  }

  /** The same, and what each task has caused, in promises or in the next turn of the loop, happens before the next one. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    while (this.#step(end)) await settled();
    this.#now = end;
  }

  /** Runs the next task that is due by then, if there is one. */
  #step(end: number): boolean {
    for (let next = this.#entries.at(-1); next !== undefined && next.at <= end; next = this.#entries.at(-1)) {
      this.#entries.pop();
      if (next.isCancelled) continue;
      this.#now = next.at;
      next.task();
      return true;
    }
    return false;
  }

  /** Before all that are sooner or made earlier for the same time: found by halves. */
  #placeOf(at: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Promise callbacks, and two turns of the loop: one for what those set for the next turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
