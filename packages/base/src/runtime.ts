import type { Clock } from './clock.ts';

/** Gives so many random bytes that nobody can foresee. */
export type Random = (bytes: number) => Uint8Array;

/** What a protocol stack takes from the machine it runs on: two that are given the same do the same. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
}

/** Either one, instead of the machine's own. */
export interface RuntimeOptions {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** A number from 0 up to 1, with 32 random bits. */
export function randomFraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
}
