import { report } from './report.mjs';
import { findTargets } from './targets.mjs';
import { takeTurn } from './turn.mjs';

/** How long each property goes on with fresh seeds in one turn, in ms: far more than the start of a test file. */
const PROPERTY_MS = 2000;
const NEVER = new AbortController().signal;

/**
 * Runs the properties of each package in turn, round after round, until the time is over.
 *
 * @param {{ root: string, forMs: number, write: (text: string) => void, propertyMs?: number, signal?: AbortSignal }} options
 * @returns {Promise<{ finds: number, turns: number }>} Different tests that failed, and turns begun.
 */
export async function fuzz({ root, forMs, write, propertyMs = PROPERTY_MS, signal = NEVER }) {
  const end = AbortSignal.any([AbortSignal.timeout(forMs), signal]);
  const targets = findTargets(root);
  if (targets.length === 0) throw new Error(`No test below ${root} uses fast-check.`);
  const found = new Set();
  // Where a short run does not come round, the next begins with another package.
  let turns = Math.floor(Math.random() * targets.length);
  const first = turns;
  while (!end.aborted) {
    const target = targets[turns % targets.length];
    turns += 1;
    const finds = await takeTurn(target, { root, propertyMs, end });
    for (const find of finds) {
      if (found.has(find.id)) continue;
      found.add(find.id);
      write(report(find));
    }
  }
  return { finds: found.size, turns: turns - first };
}
