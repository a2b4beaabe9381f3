import { PROGRESS_AFTER_MS, PROGRESS_EVERY_MS } from '../constants.ts';

/** The timers this needs, so that a test can hold the clock. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

/** Back to the start of the line, and clear it. */
const CLEAR = '\r\x1b[K';

/**
 * One line on the terminal that says what is being waited for. It appears only when the wait is long, and
 * leaves no trace.
 */
export class Progress implements Disposable {
  readonly #draw: (text: string) => void;
  readonly #describe: () => string;
  readonly #timers: Timers;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;
  #seconds = 0;

  /** `draw` writes to the terminal as it stands; `describe` names the running step. */
  constructor(draw: (text: string) => void, describe: () => string, timers: Timers = globalThis) {
    this.#draw = draw;
    this.#describe = describe;
    this.#timers = timers;
    this.#timer = timers.setTimeout(() => this.#tick(), PROGRESS_AFTER_MS);
  }

  /** Takes the line away, so that something else can be written; it comes back with the next second. */
  clear(): void {
    if (this.#shown) this.#draw(CLEAR);
    this.#shown = false;
  }

  [Symbol.dispose](): void {
    if (this.#timer !== undefined) this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.clear();
  }

  #tick(): void {
    this.#seconds += 1;
    this.#shown = true;
    this.#draw(`${CLEAR}${this.#describe()} … ${this.#seconds} s`);
    this.#timer = this.#timers.setTimeout(() => this.#tick(), PROGRESS_EVERY_MS);
  }
}
