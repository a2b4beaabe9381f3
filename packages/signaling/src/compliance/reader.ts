import { unlessAborted } from '../abortable.ts';
import type { Signal } from '../signal.ts';
import type { Abortable, Signaler } from '../signaler.ts';

/** Reads one Signaler signal by signal, as its one reader. */
export class Reader {
  readonly #signals: AsyncIterator<Signal>;
  readonly #signal: AbortSignal;

  constructor(signaler: Signaler, { signal }: Abortable) {
    this.#signals = signaler[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** The next signal, or undefined when the other end has closed in order. */
  async next(): Promise<Signal | undefined> {
    const result = await unlessAborted(this.#signals.next(), this.#signal);
    return result.done ? undefined : result.value;
  }

  /** The next so many signals; fewer if the iteration ends. */
  async take(count: number): Promise<Signal[]> {
    const taken: Signal[] = [];
    while (taken.length < count) {
      const next = await this.next();
      if (!next) break;
      taken.push(next);
    }
    return taken;
  }
}
