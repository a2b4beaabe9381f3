import type { Clock } from '@ouro/base';
import { PACE_MS } from './constants.ts';

/** Begins one check after the other, `PACE_MS` apart (RFC 8445 section 14.2). */
export class Pacer {
  readonly #clock: Clock;
  readonly #beginNext: () => boolean;
  #cancel: (() => void) | undefined;
  #stopped = false;

  /** `beginNext` begins a check, unless none waits: false. */
  constructor(clock: Clock, beginNext: () => boolean) {
    this.#clock = clock;
    this.#beginNext = beginNext;
  }

  /** Something may wait: begins now if the last one was long enough ago, and so on. */
  go(): void {
    if (this.#cancel !== undefined || this.#stopped || !this.#beginNext()) return;
    this.#cancel = this.#clock.after(PACE_MS, () => {
      this.#cancel = undefined;
      this.go();
    });
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }
}
