import { EXIT_MEMORY_MS, MAX_EXITS } from '../constants.ts';
import type { ExitStatus } from '../errors.ts';
import type { Clock } from '../types.ts';

/** How the processes of late panes ended, for a while. */
export class Exits {
  readonly #clock: Clock;
  readonly #exits = new Map<number, { status: ExitStatus; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(id: number, status: ExitStatus): void {
    this.#prune();
    this.#exits.set(id, { status, at: this.#clock.now() });
    const [oldest] = this.#exits.keys();
    if (oldest !== undefined && this.#exits.size > MAX_EXITS) this.#exits.delete(oldest);
  }

  get(id: number): ExitStatus | undefined {
    this.#prune();
    return this.#exits.get(id)?.status;
  }

  #prune(): void {
    const limit = this.#clock.now() - EXIT_MEMORY_MS;
    for (const [id, { at }] of this.#exits) {
      if (at > limit) return;
      this.#exits.delete(id);
    }
  }
}
