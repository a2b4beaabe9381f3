import type { IceServerError } from '@ouro/ice';
import type { SelectedPair } from '@ouro/peer';
import type { ExitStatus } from '../exit-status.ts';
import { describePair, type PathEvent, type Reporter } from './reporter.ts';
import { PHASE_TEXTS, type PhaseRecord } from './timeline.ts';

/** Milliseconds as a person reads them. */
function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** Reports to a person: notices and errors, and with `verbose` each phase and the path. */
export class TextReporter implements Reporter {
  readonly #print: (line: string) => void;
  readonly #verbose: boolean;
  readonly #quiet: boolean;

  /** `print` shows one line, without its end. */
  constructor(print: (line: string) => void, options: { verbose: boolean; quiet: boolean }) {
    this.#print = print;
    this.#verbose = options.verbose;
    this.#quiet = options.quiet;
  }

  phase(record: PhaseRecord): void {
    if (this.#verbose)
      this.#print(`ouro: ${PHASE_TEXTS[record.phase].padEnd(13)} ${ms(record.ms).padStart(10)}`);
  }

  connected(pair: SelectedPair | undefined): void {
    if (this.#verbose) this.#print(`ouro: connected over ${describePair(pair)}`);
  }

  path(event: PathEvent): void {
    if (!this.#verbose || event.state === 'lost') return;
    const after = event.state === 'found' ? `, after ${ms(event.ms)} without a path` : '';
    this.#print(`ouro: now over ${describePair(event.pair)}${after}`);
  }

  iceServer({ url, errorCode, errorText }: IceServerError): void {
    if (this.#verbose) this.#print(`ouro: the ICE server ${url} is of no use: ${errorText} (${errorCode})`);
  }

  firstByte(records: readonly PhaseRecord[]): void {
    if (!this.#verbose) return;
    this.#print(`ouro: ${'in all'.padEnd(13)} ${ms(records.at(-1)?.at ?? 0).padStart(10)}`);
  }

  notice(text: string): void {
    if (!this.#quiet) this.#print(`ouro: ${text}`);
  }

  error(failure: { text: string }): void {
    this.#print(`ouro: ${failure.text}`);
  }

  exit(status: ExitStatus): void {
    if (!this.#verbose) return;
    const how =
      status.signal === null ? `exit status ${status.code ?? 'unknown'}` : `signal ${status.signal}`;
    this.#print(`ouro: the command ended, ${how}`);
  }
}
