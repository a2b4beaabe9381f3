import type { Clock } from '@ouro/base';
import { BETTER_PAIR_MS, DIRECT_PAIR_MS, UDP_HEAD_START_MS } from './constants.ts';
import { EarliestTimer } from './earliest-timer.ts';
import type { CandidatePair } from './pair.ts';

export interface NominatorOptions {
  readonly clock: Clock;
  /** The best first. */
  readonly pairs: () => readonly CandidatePair[];
  /** Whether this end controls, and no pair is selected yet. */
  readonly isOpen: () => boolean;
  /** Checks a pair once more, now saying that it is nominated. */
  readonly check: (pair: CandidatePair) => void;
}

/** Names the pair to use (RFC 8445 section 8.1.1): the best that works, once nothing better can be hoped for. */
export class Nominator {
  readonly #options: NominatorOptions;
  readonly #timer: EarliestTimer;

  constructor(options: NominatorOptions) {
    this.#options = options;
    this.#timer = new EarliestTimer(options.clock, () => this.#nominateBest());
  }

  /** The best pair of all is nominated with its first check: if it works, nothing better will come in time. */
  nominateIfBest(pair: CandidatePair): void {
    const { isOpen, pairs } = this.#options;
    if (isOpen() && isDirect(pair) && pair === pairs()[0]) pair.nominated = true;
  }

  /** The state of some pair has changed. */
  consider(): void {
    const best = this.#best();
    if (best === undefined) return;
    const pending = this.#options
      .pairs()
      .some(
        ({ state, priority }) => priority > best.priority && (state === 'waiting' || state === 'in-progress'),
      );
    if (pending) this.#timer.within(patienceFor(best));
    else this.#nominate(best);
  }

  /** No timer is left. */
  stop(): void {
    this.#timer.cancel();
  }

  #best(): CandidatePair | undefined {
    if (!this.#options.isOpen()) return undefined;
    return this.#options.pairs().find(({ state }) => state === 'succeeded');
  }

  #nominateBest(): void {
    const best = this.#best();
    if (best !== undefined) this.#nominate(best);
  }

  #nominate(pair: CandidatePair): void {
    this.#timer.cancel();
    if (pair.nominated) return;
    pair.nominated = true;
    this.#options.check(pair);
  }
}

/** Neither through a relay nor over TCP: nothing better is to be hoped for. */
function isDirect({ local, remote }: CandidatePair): boolean {
  return local.protocol === 'udp' && local.type !== 'relay' && remote.type !== 'relay';
}

function patienceFor(pair: CandidatePair): number {
  if (pair.local.protocol === 'tcp') return UDP_HEAD_START_MS;
  return isDirect(pair) ? BETTER_PAIR_MS : DIRECT_PAIR_MS;
}
