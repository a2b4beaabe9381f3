import { type LinkedSignal, linkSignals } from './abort.ts';
import { type Clock, systemClock } from './clock.ts';

/** Options of a Deadline. */
export interface DeadlineOptions {
  /** The machine's own unless told. */
  readonly clock?: Clock;
  /** What its signal fires with when the time is over; a `TimeoutError` unless told. */
  readonly reason?: () => unknown;
}

/**
 * A signal that fires when `outer` does, or after `timeoutMs` milliseconds. Disposing of it ends the timer and lets go
 * of `outer`, where `AbortSignal.timeout` and `any` hold on to everything that listens until the time is over.
 */
export class Deadline implements Disposable {
  readonly #link: LinkedSignal;
  readonly #cancel: () => void;
  #expired = false;

  constructor(
    outer: AbortSignal,
    timeoutMs: number,
    { clock = systemClock, reason = tookTooLong }: DeadlineOptions = {},
  ) {
    this.#link = linkSignals(outer);
    this.#cancel = clock.after(timeoutMs, () => {
      this.#expired = !this.signal.aborted;
      this.#link.abort(reason());
    });
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** Whether it fired because the time was over. */
  get expired(): boolean {
    return this.#expired;
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#link[Symbol.dispose]();
  }
}

const tookTooLong = (): DOMException => new DOMException('It took too long', 'TimeoutError');
