import { constants } from 'node:os';
import { EXIT_SIGNAL_BASE } from './constants.ts';

/** How a far command ended: its exit code, or the name of the signal that ended it (`TERM` or `SIGTERM`); both null = not told. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The number of a signal by its name, with or without `SIG`; undefined if this system has none of that name. */
export function signalNumber(name: string): number | undefined {
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  return Object.entries(constants.signals).find(([known]) => known === full)?.[1];
}

/** The exit code that shows the status, as a shell does: the code itself, or 128 and the signal's number. A host that tells nothing counts as success. */
export function exitCodeOf({ code, signal }: ExitStatus): number {
  if (signal !== null) return EXIT_SIGNAL_BASE + (signalNumber(signal) ?? 1);
  return code === null ? 0 : code & 0xff;
}
