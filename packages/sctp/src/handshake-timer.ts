import type { Clock } from '@ouro/base';
import { RTO_INITIAL_MS, RTO_MAX_MS } from './constants.ts';

/** T1 (RFC 9260 section 5.1). It does not give up: DTLS and ICE say when the far end is gone. */
export class HandshakeTimer {
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #rtoMs = RTO_INITIAL_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `send` after `afterMs` milliseconds, and then ever less often, instead of what was repeated before. */
  repeat(send: () => void, afterMs: number = this.#rtoMs): void {
    this.stop();
    this.#cancel = this.#clock.after(afterMs, () => {
      send();
      this.repeat(send);
      this.#rtoMs = Math.min(2 * this.#rtoMs, RTO_MAX_MS);
    });
  }

  stop(): void {
    this.#cancel();
  }
}
