import { EXIT_SIGNAL_BASE } from '../constants.ts';
import { signalNumber } from '../exit-status.ts';

const FATAL = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The signals that ask this program to end. */
export type FatalSignal = (typeof FATAL)[number];

const FOR_COMMAND = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'HUP' } as const satisfies Record<
  FatalSignal,
  string
>;

/** This program was asked to end by a signal. */
export class Signalled extends Error {
  override readonly name = 'Signalled';
  readonly signal: FatalSignal;

  constructor(signal: FatalSignal) {
    super(`Ended by ${signal}`);
    this.signal = signal;
  }

  /** Its name for a far command. */
  get forCommand(): 'INT' | 'TERM' | 'HUP' {
    return FOR_COMMAND[this.signal];
  }

  /** 128 and the signal's number. */
  get exit(): number {
    return EXIT_SIGNAL_BASE + (signalNumber(this.signal) ?? 1);
  }
}

/** What signals arrive at; the process. */
export interface SignalSource {
  on(event: FatalSignal, listener: (signal: FatalSignal) => void): unknown;
  off(event: FatalSignal, listener: (signal: FatalSignal) => void): unknown;
  exit(code: number): void;
}

/**
 * Turns the first signal that asks this program to end into an abort whose reason is `Signalled`, and the
 * second into an exit at once; a second hang-up is none.
 */
export class FatalSignals implements Disposable {
  readonly #source: SignalSource;
  readonly #controller = new AbortController();
  readonly #listener = (signal: FatalSignal) => this.#arrived(signal);

  constructor(source: SignalSource) {
    this.#source = source;
    for (const signal of FATAL) source.on(signal, this.#listener);
  }

  /** Fires with the first. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of FATAL) this.#source.off(signal, this.#listener);
  }

  #arrived(signal: FatalSignal): void {
    const reason = new Signalled(signal);
    // A hang-up is told by the kernel and once more by the shell: that is nobody's impatience.
    const isImpatient = signal !== 'SIGHUP' && this.#controller.signal.aborted;
    if (isImpatient) this.#source.exit(reason.exit);
    this.#controller.abort(reason);
  }
}
