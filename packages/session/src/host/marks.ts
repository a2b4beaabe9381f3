import { MAX_MARKS } from '../constants.ts';
import type { Clock } from '../types.ts';
import type { StartingPoint } from './attachment.ts';

/** Where a client was in every pane when it made a mark. */
export interface Mark {
  /** Panes that were there; `snapshot` = it had no exact place. */
  readonly places: ReadonlyMap<number, StartingPoint>;
  /** Panes with this id and above did not exist yet. */
  readonly nextId: number;
}

/** The marks of an agent, by number. Numbers rise from the time of day, so that none of an earlier run comes again. */
export class Marks {
  readonly #clock: Clock;
  readonly #marks = new Map<number, Mark>();
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the marker */
  add(mark: Mark): number {
    this.#last = Math.max(this.#last + 1, Math.trunc(this.#clock.now()));
    this.#marks.set(this.#last, mark);
    const [oldest] = this.#marks.keys();
    if (oldest !== undefined && this.#marks.size > MAX_MARKS) this.#marks.delete(oldest);
    return this.#last;
  }

  get(marker: number): Mark | undefined {
    return this.#marks.get(marker);
  }
}
