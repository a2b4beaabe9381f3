import { writeSync } from 'node:fs';
import type { TopLine } from '../terminal/top-line.ts';
import type { Progress } from './progress.ts';

/** Writes at once, whatever becomes of the process next; an output that is gone or full is no reason to fail. */
export function writeNow(fd: 1 | 2, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // Nobody listens.
  }
}

/** The standard error output as lines, whatever mode the terminal is in and whatever else is drawn on it. */
export class ErrorOutput {
  /** The terminal does not add a carriage return to a line's end. */
  raw = false;
  /** What is drawn on the current line and must go first. */
  progress: Progress | undefined;
  /** Where a notice goes while a far program has the terminal. */
  topLine: TopLine | undefined;

  #questions = 0;
  readonly #waiting: string[] = [];

  /**
   * While somebody may be asking on the terminal, nothing else is written there: lines wait, progress is not drawn.
   * Ends with the dispose of what it gives.
   */
  keepOff(): Disposable {
    this.progress?.clear();
    this.#questions += 1;
    let over = false;
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        this.#questions -= 1;
        if (this.#questions <= 0) this.endQuestions();
      },
    };
  }

  /** Whoever asked, nobody is left to answer: what waits is written. */
  endQuestions(): void {
    this.#questions = 0;
    for (const line of this.#waiting.splice(0)) this.print(line);
  }

  /** Somebody may be asking on the terminal. */
  get isKeptOff(): boolean {
    return this.#questions > 0;
  }

  /** Shows a line; its end is added. */
  print(line: string): void {
    if (this.isKeptOff) {
      this.#waiting.push(line);
      return;
    }
    this.progress?.clear();
    this.topLine?.clear();
    this.draw(this.raw ? `${line.replaceAll('\n', '\r\n')}\r\n` : `${line}\n`);
  }

  /** Writes as it stands. */
  draw(text: string): void {
    writeNow(2, text);
  }
}
