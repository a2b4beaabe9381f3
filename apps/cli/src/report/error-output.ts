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
  #isRaw = false;
  /** What is drawn on the current line and must go first. */
  #progress: Progress | undefined;
  /** Where a notice goes while a far program has the terminal. */
  #topLine: TopLine | undefined;

  #questions = 0;
  readonly #waiting: string[] = [];

  /**
   * While somebody may be asking on the terminal, nothing else is written there: lines wait, progress is not drawn.
   * Ends with the dispose of what it gives.
   */
  keepOff(): Disposable {
    this.#progress?.clear();
    this.#questions += 1;
    return once(() => {
      this.#questions -= 1;
      if (this.#questions <= 0) this.endQuestions();
    });
  }

  /** The terminal is in raw mode until the dispose of what it gives. */
  rawMode(): Disposable {
    this.#isRaw = true;
    return once(() => {
      this.#isRaw = false;
    });
  }

  /** Has this line drawn among the others, and ends it with the dispose of what it gives. */
  showProgress(progress: Progress): Disposable {
    this.#progress = progress;
    return once(() => {
      progress[Symbol.dispose]();
      if (this.#progress === progress) this.#progress = undefined;
    });
  }

  /** A far program has the terminal, and notices go to this line, until the dispose of what it gives. */
  noticesOn(topLine: TopLine): Disposable {
    this.#topLine = topLine;
    return once(() => {
      topLine.clear();
      if (this.#topLine === topLine) this.#topLine = undefined;
    });
  }

  /** Shows a notice that stays, where a far program has the terminal; false = none has. */
  showNotice(text: string): boolean {
    this.#topLine?.show(text);
    return this.#topLine !== undefined;
  }

  /** Takes the notice that stays away, before anything else is drawn; false = no far program has the terminal. */
  clearNotice(): boolean {
    this.#topLine?.clear();
    return this.#topLine !== undefined;
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
    this.#progress?.clear();
    this.#topLine?.clear();
    this.draw(this.#isRaw ? `${line.replaceAll('\n', '\r\n')}\r\n` : `${line}\n`);
  }

  /** Writes as it stands. */
  draw(text: string): void {
    writeNow(2, text);
  }
}

/** Does what ends something, however often it is ended. */
function once(end: () => void): Disposable {
  let over = false;
  return {
    [Symbol.dispose]: () => {
      if (over) return;
      over = true;
      end();
    },
  };
}
