import { type IPty, spawn } from '@lydell/node-pty';
import type { Host, HostCommandOptions } from './host.ts';
import { until } from './until.ts';

/** A process of a host on a pty that this test holds. */
export class Pty implements AsyncDisposable {
  readonly #pty: IPty;
  readonly exited: Promise<{ code: number; signal: number | undefined }>;
  #output = '';
  #isOver = false;

  private constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData((text) => {
      this.#output += text;
    });
    this.exited = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.#isOver = true;
        resolve({ code: exitCode, signal });
      });
    });
  }

  /** Starts a command of a host on a new pty. */
  static start(
    host: Host,
    command: readonly string[],
    { rows = 24, cols = 80, ...options }: HostCommandOptions & { rows?: number; cols?: number } = {},
  ): Pty {
    const env = { TERM: 'xterm-256color', ...options.env };
    const [program = '', ...args] = host.argv(command, { ...options, env });
    return new Pty(spawn(program, args, { rows, cols, name: 'xterm-256color', cwd: '/' }));
  }

  /** All output so far. */
  get output(): string {
    return this.#output;
  }

  /** Calls back with all that comes from now on. */
  onData(listener: (text: string) => void): void {
    this.#pty.onData(listener);
  }

  write(text: string): void {
    this.#pty.write(text);
  }

  resize(rows: number, cols: number): void {
    this.#pty.resize(cols, rows);
  }

  /** Waits until the output matches. @throws with the output after the time-out */
  async shows(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return until(() => pattern.exec(this.#output) ?? undefined, {
      what: () => `${pattern} in:\n${this.#output}`,
      ...options,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#pty.kill('SIGKILL');
    await this.exited;
  }
}
