import { setTimeout as sleep } from 'node:timers/promises';
import { POLL_MS, START_TIMEOUT_MS } from './constants.ts';

/** How long and how often is looked. */
export interface UntilOptions {
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  /** Said when it never came. */
  readonly what?: string | (() => string);
}

/** Looks until `look` gives something that is not undefined or false, and gives that. @throws after the time-out */
export const until = async <T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = START_TIMEOUT_MS, pollMs = POLL_MS, what = 'it' }: UntilOptions = {},
): Promise<T> => {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      throw new Error(`Waited ${timeoutMs} ms for ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(pollMs);
  }
};
