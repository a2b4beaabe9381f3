import type { IceServerError } from '@ouro/ice';
import type { SelectedPair } from '@ouro/peer';
import type { ExitStatus } from '../exit-status.ts';
import type { PathEvent, Reporter } from './reporter.ts';
import type { PhaseRecord } from './timeline.ts';

/** A number of milliseconds with microseconds, no more. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/**
 * Reports to a program: one JSON object a line, told apart by `event`:
 * `phase` (`phase`, `ms`, `at`), `connected` (`pair`), `path` (`state`, `ms`, `pair`), `ice-server` (`url`, `errorCode`, `errorText`), `first-byte` (`at`), `notice` (`text`),
 * `error` (`code`, `exit`, `text`), `exit` (`code`, `signal`). Times are milliseconds; `at` counts from the start of the program.
 */
export class JsonReporter implements Reporter {
  readonly #print: (line: string) => void;

  /** `print` shows one line, without its end. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  phase({ phase, ms, at }: PhaseRecord): void {
    this.#event('phase', { phase, ms: round(ms), at: round(at) });
  }

  connected(pair: SelectedPair | undefined): void {
    this.#event('connected', { pair: pair ?? null });
  }

  path(event: PathEvent): void {
    const pair = event.state === 'lost' ? {} : { pair: event.pair ?? null };
    this.#event('path', { state: event.state, ms: round(event.ms), ...pair });
  }

  iceServer({ url, errorCode, errorText }: IceServerError): void {
    this.#event('ice-server', { url, errorCode, errorText });
  }

  firstByte(records: readonly PhaseRecord[]): void {
    this.#event('first-byte', { at: round(records.at(-1)?.at ?? 0) });
  }

  notice(text: string): void {
    this.#event('notice', { text });
  }

  error({ code, exit, text }: { code: string; exit: number; text: string }): void {
    this.#event('error', { code, exit, text });
  }

  exit({ code, signal }: ExitStatus): void {
    this.#event('exit', { code, signal });
  }

  #event(event: string, fields: Record<string, unknown>): void {
    this.#print(JSON.stringify({ event, ...fields }));
  }
}
