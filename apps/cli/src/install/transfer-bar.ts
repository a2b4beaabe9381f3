import type { ErrorOutput } from '../report/error-output.ts';
import type { OnTransfer } from './tarball.ts';

/** Length of the bar, in characters: with a short title the line fits 80 columns. */
const BAR_LENGTH = 24;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** One line: `Sending Node 26.10.0  [######------]  50 %  28.7 of 57.3 MB`. */
export function barLine(title: string, done: number, total: number | undefined): string {
  if (total === undefined) return `${title}  ${megabytes(done)} MB`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR_LENGTH);
  const bar = '#'.repeat(filled).padEnd(BAR_LENGTH, '-');
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${title}  [${bar}] ${percent} %  ${megabytes(done)} of ${megabytes(total)} MB`;
}

const terminalColumns = (): number | undefined => (process.stderr.isTTY ? process.stderr.columns : undefined);

/** Shows on a terminal how far a transfer is, and leaves no trace; in a pipe nothing is drawn. */
export class TransferBar implements Disposable {
  readonly #output: ErrorOutput;
  readonly #title: string;
  readonly #columns: number | undefined;
  #last = '';

  /** `columns` is the width of the terminal; undefined = there is none. */
  constructor(output: ErrorOutput, title: string, columns: number | undefined = terminalColumns()) {
    this.#output = output;
    this.#title = title;
    this.#columns = columns;
  }

  readonly onTransfer: OnTransfer = (done, total) => {
    if (this.#columns === undefined) return;
    // A line that wraps could not be taken back.
    const line = barLine(this.#title, done, total).slice(0, this.#columns - 1);
    // A transfer has thousands of pieces, a line of it few different looks.
    if (line === this.#last) return;
    this.#last = line;
    this.#output.draw(`\r\x1b[K${line}`);
  };

  [Symbol.dispose](): void {
    if (this.#last !== '') this.#output.draw('\r\x1b[K');
    this.#last = '';
  }
}
