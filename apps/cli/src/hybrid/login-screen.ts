import type { WaitingFor } from '@ouro/ssh-client';
import type { ErrorOutput } from '../report/error-output.ts';
import type { Progress } from '../report/progress.ts';

/**
 * What is drawn while a login is made: progress while the network is waited for, and nothing while somebody may be
 * asking on the terminal. Begins with nothing; ends with dispose.
 */
export class LoginScreen implements Disposable {
  readonly #errorOutput: ErrorOutput;
  readonly #start: () => Progress | undefined;
  #kept: Disposable | undefined;

  /** `start` begins a new progress line; undefined where none is shown. */
  constructor(errorOutput: ErrorOutput, start: () => Progress | undefined) {
    this.#errorOutput = errorOutput;
    this.#start = start;
    this.#kept = errorOutput.keepOff();
  }

  waitFor(who: WaitingFor): void {
    this.#clear();
    if (who === 'user') this.#kept = this.#errorOutput.keepOff();
    else this.#errorOutput.progress = this.#start();
  }

  /** The server's text before the login belongs in front of its questions; only one that stands is waited for. */
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
    this.#errorOutput.progress?.[Symbol.dispose]();
    this.#errorOutput.progress = undefined;
    this.#kept?.[Symbol.dispose]();
    this.#kept = undefined;
  }
}
