import { REPLAY_WINDOW_RECORDS } from './constants.ts';

/** Tells records that were seen already, or are too old to know, from new ones (RFC 6347 section 4.1.2.6). */
export class ReplayWindow {
  readonly #seen = new Float64Array(REPLAY_WINDOW_RECORDS).fill(-1);
  #newest = -1;

  /** Whether a record with this number may still be taken. */
  isNew(sequence: number): boolean {
    if (sequence <= this.#newest - REPLAY_WINDOW_RECORDS) return false;
    return this.#seen[sequence % REPLAY_WINDOW_RECORDS] !== sequence;
  }

  /** Call it only for a record whose authentication succeeded. */
  mark(sequence: number): void {
    this.#seen[sequence % REPLAY_WINDOW_RECORDS] = sequence;
    if (sequence > this.#newest) this.#newest = sequence;
  }
}
