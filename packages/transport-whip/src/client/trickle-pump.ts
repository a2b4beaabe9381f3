import { MAX_CANDIDATES, SignalingError } from '@ouro/signaling';
import type { LocalCandidate } from './client-fragment.ts';

/** What one request carries. */
export interface Batch {
  readonly candidates: readonly LocalCandidate[];
  readonly end: boolean;
}

/**
 * The candidates of one generation on their way out: held until `start`, then all in one request; those that come
 * while a request is on its way go in the next one. So they arrive in order and each once (RFC 8838 section 10).
 */
export class TricklePump {
  readonly #send: (batch: Batch) => Promise<void>;
  #pending: LocalCandidate[] = [];
  #count = 0;
  #ended = false;
  #endSent = false;
  #started = false;
  #stopped = false;
  #running: Promise<void> | undefined;

  /** @param send one request; it must not reject: what goes wrong is its own to tell */
  constructor(send: (batch: Batch) => Promise<void>) {
    this.#send = send;
  }

  /** Nothing happens when stopped. @throws SignalingError `invalid-state` after the end, `too-many` over 100 candidates */
  add(candidate: LocalCandidate): void {
    if (this.#stopped) return;
    if (this.#ended)
      throw new SignalingError(
        'invalid-state',
        'No candidates may follow end-of-candidates (RFC 8838 section 14)',
      );
    if (this.#count >= MAX_CANDIDATES)
      throw new SignalingError('too-many', `More than ${MAX_CANDIDATES} candidates in one ICE generation`);
    this.#count += 1;
    this.#pending.push(candidate);
    this.#run();
  }

  /** No more candidates come. */
  end(): void {
    this.#ended = true;
    this.#run();
  }

  /** There is somewhere to send to. */
  start(): void {
    this.#started = true;
    this.#run();
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#stopped = true;
    this.#pending = [];
  }

  /** Resolves when nothing is on its way. */
  async flushed(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #run(): void {
    if (!this.#started || this.#stopped || this.#running !== undefined) return;
    if (this.#pending.length === 0 && this.#ended === this.#endSent) return;
    this.#running = this.#next().finally(() => {
      this.#running = undefined;
      this.#run();
    });
  }

  async #next(): Promise<void> {
    // What is gathered in one turn of the event loop, leaves in one request.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const candidates = this.#pending;
    const end = this.#ended && !this.#endSent;
    this.#pending = [];
    this.#endSent ||= end;
    await this.#send({ candidates, end });
  }
}
