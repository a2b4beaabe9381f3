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

  /** Shows a line; its end is added. */
  print(line: string): void {
    this.progress?.clear();
    this.draw(this.raw ? `${line.replaceAll('\n', '\r\n')}\r\n` : `${line}\n`);
  }

  /** Writes as it stands. */
  draw(text: string): void {
    writeNow(2, text);
  }
}
