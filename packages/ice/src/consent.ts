import { type Runtime, randomFraction } from '@ouro/base';
import type { Answered } from './checker.ts';
import { isSuccess } from './checks.ts';
import { CONSENT_INTERVAL_MS, DISCONNECTED_MS } from './constants.ts';

export interface ConsentOptions extends Runtime {
  /** Milliseconds without an answer until the consent has expired. */
  readonly timeoutMs: number;
  /** Sends one request; `granted` is to be called when it is answered. */
  readonly ask: () => void;
  /** Whether answers are missing for so long that the user should know. */
  readonly onDisconnected: (disconnected: boolean) => void;
  readonly onExpired: () => void;
}

/** Asks the far end again and again whether it still wants our data (RFC 7675). */
export class Consent {
  readonly #options: ConsentOptions;
  #grantedAt: number;
  #dueAt = 0;
  #disconnected = false;
  #cancel: () => void = () => {};

  constructor(options: ConsentOptions) {
    this.#options = options;
    this.#grantedAt = options.clock.now();
    this.#arm();
  }

  /** Milliseconds since the last answer. */
  get age(): number {
    return this.#options.clock.now() - this.#grantedAt;
  }

  granted(): void {
    this.#grantedAt = this.#options.clock.now();
    this.#setDisconnected(false);
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    // Randomized, so that the requests of many peers do not go in step (RFC 7675 section 5.1).
    const delay = CONSENT_INTERVAL_MS * (0.8 + 0.4 * randomFraction(this.#options.random));
    const wait = Math.max(0, Math.min(delay, this.#options.timeoutMs - this.age));
    this.#dueAt = this.#options.clock.now() + wait;
    this.#cancel = this.#options.clock.after(wait, () => this.#tick());
  }

  #tick(): void {
    // While this process was stopped, no answer could be read: that time does not count.
    const late = this.#options.clock.now() - this.#dueAt;
    if (late > CONSENT_INTERVAL_MS) this.#grantedAt += late;
    if (this.age >= this.#options.timeoutMs) {
      this.#options.onExpired();
      return;
    }
    this.#options.ask();
    this.#arm();
    this.#setDisconnected(this.age > DISCONNECTED_MS);
  }

  #setDisconnected(disconnected: boolean): void {
    if (this.#disconnected === disconnected) return;
    this.#disconnected = disconnected;
    this.#options.onDisconnected(disconnected);
  }
}

export interface AskConsentOptions extends Omit<ConsentOptions, 'ask'> {
  /** Sends one check over the path, once, and waits so many milliseconds for its answer. */
  readonly check: (onceMs: number, done: (answered: Answered) => void) => void;
  /** The far end still wants our data; the round trip took so many milliseconds. */
  readonly onAnswer: (rttMs: number) => void;
}

/** Asks for consent over one path until it is stopped or has expired. */
export function askConsent({ check, onAnswer, ...options }: AskConsentOptions): Consent {
  const consent = new Consent({
    ...options,
    ask: () =>
      check(options.timeoutMs, ({ answer, rttMs }) => {
        if (answer === undefined || !isSuccess(answer)) return;
        onAnswer(rttMs);
        consent.granted();
      }),
  });
  return consent;
}
