import type { Clock } from '@ouro/base';
import { FIRST_RETRANSMIT_MS, MAX_RETRANSMIT_MS, MAX_RETRANSMITS, MIN_RETRANSMIT_MS } from './constants.ts';

/**
 * Sends the current flight again until it is answered (RFC 6347 section 4.2.4): after a time that doubles, and at
 * once when the far end repeats its own, which shows that it did not get ours.
 */
export class Retransmitter {
  readonly #clock: Clock;
  readonly #giveUp: () => void;
  #send: (() => void) | undefined;
  #cancel: () => void = () => {};
  #waitMs = FIRST_RETRANSMIT_MS;
  #count = 0;
  #sentAt = 0;

  /** `giveUp` is called when a flight was not answered `MAX_RETRANSMITS` times. */
  constructor(clock: Clock, giveUp: () => void) {
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  /** Sends a new flight, which means that the one before was answered. `last`: no answer will come. */
  start(send: () => void, { last }: { last: boolean }): void {
    this.stop();
    this.#send = send;
    this.#count = 0;
    this.#waitMs = FIRST_RETRANSMIT_MS;
    this.#transmit();
    if (!last) this.#arm();
  }

  /** The far end repeated what it had said. */
  repeated(): void {
    if (this.#clock.now() - this.#sentAt >= MIN_RETRANSMIT_MS) this.#transmit();
  }

  /** The flight was answered. It is still sent again if the far end repeats itself, unless `forget`. */
  stop({ forget = false } = {}): void {
    this.#cancel();
    if (forget) this.#send = undefined;
  }

  #transmit(): void {
    this.#sentAt = this.#clock.now();
    this.#send?.();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(this.#waitMs, () => this.#expired());
  }

  #expired(): void {
    this.#count += 1;
    if (this.#count > MAX_RETRANSMITS) {
      this.#giveUp();
      return;
    }
    this.#waitMs = Math.min(2 * this.#waitMs, MAX_RETRANSMIT_MS);
    this.#transmit();
    this.#arm();
  }
}
