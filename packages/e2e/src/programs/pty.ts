import { setTimeout as delay } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';

const WAIT_MS = 20_000;

/** A program on a real terminal, as a person sits before it. Killed on dispose. */
export class PtyProgram implements AsyncDisposable {
  readonly pty: IPty;
  readonly exited: Promise<{ exitCode: number; signal?: number }>;
  #text = '';
  #changed = Promise.withResolvers<void>();
  #over = false;

  constructor(
    [file, ...args]: readonly string[],
    env: Readonly<Record<string, string>>,
    size = { rows: 24, cols: 80 },
  ) {
    this.pty = spawn(file ?? '', args, { ...size, env: { ...env }, name: 'xterm-256color' });
    this.pty.onData((text) => {
      this.#text += text;
      this.#wake();
    });
    this.exited = new Promise((resolve) => {
      this.pty.onExit((status) => {
        this.#over = true;
        this.#wake();
        resolve(status);
      });
    });
  }

  /** All that was shown so far, escape sequences and all. */
  get text(): string {
    return this.#text;
  }

  /** Types. */
  type(text: string): void {
    this.pty.write(text);
  }

  /** Waits until what was shown since position `from` matches. @throws Error with all that was shown */
  async until(pattern: RegExp, { from = 0, timeoutMs = WAIT_MS } = {}): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const match = pattern.exec(this.#text.slice(from));
      if (match !== null) return match;
      if (late.aborted || this.#over)
        throw new Error(`${pattern} was not shown, but ${JSON.stringify(this.#text)}`);
      await Promise.race([
        this.#changed.promise,
        delay(timeoutMs, undefined, { signal: late }).catch(() => undefined),
      ]);
    }
  }

  /** Types a line and waits for the answer that comes after it. */
  ask(line: string, answer: RegExp): Promise<RegExpExecArray> {
    const from = this.#text.length;
    this.type(`${line}\r`);
    return this.until(answer, { from });
  }

  /** The window is closed: the terminal is gone, and whoever lives on it is hung up. */
  hangUp(): void {
    if ('destroy' in this.pty && typeof this.pty.destroy === 'function') this.pty.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.pty.kill('SIGKILL');
    await this.exited;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
