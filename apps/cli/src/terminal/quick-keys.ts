import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import type { ConnectInvocation } from '../invocation.ts';

/**
 * Has V8 learn from the first call of each function instead of a later one. Code that runs once for each key would
 * otherwise stay slow for the first thousand keys: an echo takes half as long. It costs a few milliseconds of the
 * start, so a command in a pipe goes without. To be called before that code is loaded.
 */
export function quickenKeys({ terminal }: ConnectInvocation): void {
  const wanted = terminal === 'auto' ? isatty(0) && isatty(1) : terminal === 'force';
  if (wanted) setFlagsFromString('--no-lazy-feedback-allocation');
}
