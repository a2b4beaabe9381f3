import type { StartTimer } from './timers.ts';

/** How far apart the two ends are. */
export interface Distance {
  /** One way, in ms, at least 0; with 0 a message is there at once. */
  readonly latencyMs: number;
  readonly startTimer: StartTimer;
}

/** One direction of a memory wire: what goes in comes out once, in order, after the latency. */
export class Lane {
  readonly #distance: Distance;
  readonly #underway: (() => void)[] = [];
  readonly #cancels = new Set<() => void>();

  constructor(distance: Distance) {
    this.#distance = distance;
  }

  /** How many deliveries are under way. */
  get size(): number {
    return this.#underway.length;
  }

  /** Calls `deliver` at the far end. */
  carry(deliver: () => void): void {
    if (this.#distance.latencyMs <= 0) deliver();
    else this.#carryLater(deliver);
  }

  #carryLater(deliver: () => void): void {
    this.#underway.push(deliver);
    const cancel = this.#distance.startTimer(() => {
      this.#cancels.delete(cancel);
      // Whichever timer fires first, the oldest delivery goes first.
      this.#underway.shift()?.();
    }, this.#distance.latencyMs);
    this.#cancels.add(cancel);
  }

  /** Drops what is under way and its timers. */
  cut(): void {
    this.#underway.length = 0;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
