import type { Runtime } from '@ouro/base';
import type { Answered, Checker } from './checker.ts';
import { type IceCredentials, isSuccess } from './checks.ts';
import { askConsent, type Consent } from './consent.ts';
import type { CandidatePair } from './pair.ts';

export interface LivenessOptions extends Runtime {
  readonly checker: Checker;
  /** Milliseconds without an answer until consent has expired. */
  readonly timeoutMs: number;
  readonly controlling: () => boolean;
  readonly onDisconnected: (disconnected: boolean) => void;
  readonly onExpired: () => void;
}

/** Whether the far end is still there: when it was heard, and whether it answers on the pair in use (RFC 7675). */
export class Liveness {
  readonly #options: LivenessOptions;
  #heardAt: number;
  #watched: { readonly pair: CandidatePair; readonly remote: IceCredentials } | undefined;
  #consent: Consent | undefined;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  /** Milliseconds since data or an answer came over a checked pair. */
  get silentMs(): number {
    return this.#options.clock.now() - this.#heardAt;
  }

  /** Milliseconds since the last answer on the pair in use; 0 before there is one. */
  get consentAge(): number {
    return this.#consent?.age ?? 0;
  }

  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  /** Asks for consent on this pair from now on, and no more on another. */
  watch(pair: CandidatePair, remote: IceCredentials): void {
    this.#consent?.stop();
    this.#watched = { pair, remote };
    const { clock, random, timeoutMs, onDisconnected, onExpired } = this.#options;
    const consent = askConsent({
      clock,
      random,
      timeoutMs,
      onDisconnected,
      onExpired,
      check: (once, done) => this.#ask(once, done),
      onAnswer: (rttMs) => this.#answered(pair, rttMs),
    });
    this.#consent = consent;
  }

  /** Asks once over the pair in use; `done` gets the round trip in milliseconds, or undefined after `timeoutMs`. */
  ping(timeoutMs: number, done: (rttMs: number | undefined) => void): void {
    const pair = this.#watched?.pair;
    if (pair === undefined) {
      done(undefined);
      return;
    }
    this.#ask(timeoutMs, ({ answer, rttMs }) => {
      if (answer === undefined || !isSuccess(answer)) return done(undefined);
      this.#answered(pair, rttMs);
      if (pair === this.#watched?.pair) this.#consent?.granted();
      done(rttMs);
    });
  }

  /** Asks no more. */
  stop(): void {
    this.#consent?.stop();
    this.#watched = undefined;
  }

  #ask(once: number, done: (answered: Answered) => void): void {
    if (this.#watched === undefined) return;
    const { pair, remote } = this.#watched;
    const controlling = this.#options.controlling();
    // Over TCP this may be the first check of a new connection, in place of one that broke (RFC 6544): the
    // far end sees it come from another port, and has to use that one.
    const useCandidate = controlling && pair.socket.tcpType === 'active';
    this.#options.checker.check(pair, { remote, controlling, useCandidate, once, done });
  }

  #answered(pair: CandidatePair, rttMs: number): void {
    this.heard();
    pair.rttMs = rttMs;
  }
}
