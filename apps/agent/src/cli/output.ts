import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** Where a command speaks, and how it paints: colours only on a terminal, and never with NO_COLOR. */
export interface Output {
  /** One line of what was asked for. */
  line(text?: string): void;
  /** One line for the person, on standard error. */
  note(text: string): void;
  /** Emphasis on standard output. */
  bold(text: string): string;
  dim(text: string): string;
}

/** The output of this process. */
export function processOutput(stdout: Writable = process.stdout, stderr: Writable = process.stderr): Output {
  return {
    line: (text = '') => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    bold: (text) => styleText('bold', text, { stream: stdout }),
    dim: (text) => styleText('dim', text, { stream: stdout }),
  };
}
