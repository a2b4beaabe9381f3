import type { ErrorOutput } from './error-output.ts';
import type { Progress } from './progress.ts';

/** Who is waited for: the network, or a person who may be asked on the terminal. */
export type WaitingFor = 'network' | 'user';

/**
 * What is drawn while a connection is made: progress while the network is waited for, and nothing while somebody may be
 * asking on the terminal. Begins with nothing; ends with dispose.
 */
export class WaitScreen implements Disposable {
  readonly #errorOutput: ErrorOutput;
  readonly #start: () => Progress | undefined;
  #kept: Disposable | undefined;
  #progress: Disposable | undefined;

  /** `start` begins a new progress line; undefined where none is shown. */
  constructor(errorOutput: ErrorOutput, start: () => Progress | undefined) {
    this.#errorOutput = errorOutput;
    this.#start = start;
    this.#kept = errorOutput.keepOff();
  }

  waitFor(who: WaitingFor): void {
    this.#clear();
    const progress = who === 'user' ? undefined : this.#start();
    if (who === 'user') this.#kept = this.#errorOutput.keepOff();
    if (progress !== undefined) this.#progress = this.#errorOutput.showProgress(progress);
  }

  /** A server's text before its questions belongs in front of them; only a question that stands is waited for. */
  banner(text: string): void {
    const isKept = this.#kept !== undefined;
    this.#kept?.[Symbol.dispose]();
    this.#errorOutput.print(text);
    this.#kept = isKept ? this.#errorOutput.keepOff() : undefined;
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    this.#progress?.[Symbol.dispose]();
    this.#progress = undefined;
    this.#kept?.[Symbol.dispose]();
    this.#kept = undefined;
  }
}
