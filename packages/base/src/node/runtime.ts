import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { Random, Runtime, RuntimeOptions } from '../runtime.ts';

/** The machine's own, cryptographically strong. */
export const systemRandom: Random = (bytes) => randomBytes(bytes);

/** What was given, and the machine's own for the rest. */
export function runtimeOf({ clock = systemClock, random = systemRandom }: RuntimeOptions): Runtime {
  return { clock, random };
}
