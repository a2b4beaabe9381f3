import { SACK_DELAY_MS } from './constants.ts';

/**
 * When to acknowledge (RFC 9260 section 6.2): a lone packet a little later, so that the SACK can ride on data of ours;
 * from the second one on at the end of the turn of the event loop, one SACK for all packets that came in it.
 */
export class DelayedSack {
  readonly #send: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: ReturnType<typeof setImmediate> | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  get isPending(): boolean {
    return this.#timer !== undefined;
  }

  /** A packet with data came. `urgent`: do not wait for a second one. */
  received(urgent: boolean): void {
    const second = this.isPending;
    this.#timer ??= setTimeout(this.#send, SACK_DELAY_MS);
    if (second || urgent) this.#turn ??= setImmediate(this.#send);
  }

  /** A SACK went out, or none is needed any more. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
    this.#turn = undefined;
  }
}
