import type { Clock } from '@ouro/base';
import { MAX_COUNTED_ADDRESSES } from './constants.ts';

/** A token bucket: so many at once, then so many a second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** How often a thing may be done. */
export interface RateLimit {
  readonly perAddress: Rate;
  /** By all addresses together. */
  readonly total: Rate;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Counts one kind of request, by address and in all. Memory is bounded by `maxAddresses`. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  readonly #maxAddresses: number;
  readonly #total: Bucket;
  /** In the order of their last use: the first is quiet for longest. */
  readonly #addresses = new Map<string, Bucket>();

  constructor(limit: RateLimit, clock: Clock, maxAddresses = MAX_COUNTED_ADDRESSES) {
    this.#limit = limit;
    this.#clock = clock;
    this.#maxAddresses = maxAddresses;
    this.#total = { tokens: limit.total.burst, at: clock.now() };
  }

  /** How many addresses are counted now. */
  get size(): number {
    return this.#addresses.size;
  }

  /** Takes one. Returns 0, or, when there is none, the ms after which there is one; then nothing was taken. */
  take(address: string): number {
    const now = this.#clock.now();
    const own = this.#bucket(address, now);
    refill(own, this.#limit.perAddress, now);
    refill(this.#total, this.#limit.total, now);
    const wait = Math.max(waitFor(own, this.#limit.perAddress), waitFor(this.#total, this.#limit.total));
    if (wait > 0) return wait;
    own.tokens -= 1;
    this.#total.tokens -= 1;
    return 0;
  }

  #bucket(address: string, now: number): Bucket {
    const bucket = this.#addresses.get(address) ?? { tokens: this.#limit.perAddress.burst, at: now };
    this.#addresses.delete(address);
    this.#addresses.set(address, bucket);
    const [quietest] = this.#addresses.keys();
    if (this.#addresses.size > this.#maxAddresses && quietest !== undefined) this.#addresses.delete(quietest);
    return bucket;
  }
}

function refill(bucket: Bucket, rate: Rate, now: number): void {
  bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) * rate.perSecond) / 1000);
  bucket.at = now;
}

function waitFor(bucket: Bucket, rate: Rate): number {
  return bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
}
