import { type Clock, Timer } from '@ouro/base';
import { SACK_DELAY_MS } from './constants.ts';

/**
 * When to acknowledge (RFC 9260 section 6.2): a lone packet a little later, so that the SACK can ride on data of ours;
 * from the second one on at the end of the turn of the event loop, one SACK for all packets that came in it.
 */
export class DelayedSack {
  readonly #send: () => void;
  readonly #timer: Timer;
  #turn: ReturnType<typeof setImmediate> | undefined;

  constructor(clock: Clock, send: () => void) {
    this.#send = send;
    this.#timer = new Timer(clock, send);
  }

  get isPending(): boolean {
    return this.#timer.isSet;
  }

  /** A packet with data came. `urgent`: do not wait for a second one. */
  received(urgent: boolean): void {
    const second = this.isPending;
    if (!second) this.#timer.set(SACK_DELAY_MS);
    if (second || urgent) this.#turn ??= setImmediate(this.#send);
  }

  /** A SACK went out. */
  sent(): void {
    this.#timer.clear();
    this.#endTurn();
  }

  /** None is needed any more, and no timer is left. */
  stop(): void {
    this.#timer.stop();
    this.#endTurn();
  }

  #endTurn(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
  }
}
