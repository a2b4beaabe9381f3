import type { ReadStream } from 'node:tty';
import { FALLBACK_SIZE } from '../constants.ts';
import { TerminalModes } from './modes.ts';

/** Size of a terminal in characters, at least 1 by 1. */
export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** What of this process the terminal lives on; a test may give another. */
export interface TerminalHost {
  readonly stdin: Pick<ReadStream, 'setRawMode'> & { readonly isTTY?: boolean };
  readonly stdout: { readonly rows?: number; readonly columns?: number };
  on(event: 'exit' | 'SIGCONT' | 'SIGWINCH', listener: () => void): unknown;
  off(event: 'exit' | 'SIGCONT' | 'SIGWINCH', listener: () => void): unknown;
  kill(pid: number, signal: string): unknown;
  readonly pid: number;
}

/**
 * The local terminal in raw mode, for as long as this object lives. It is brought back on dispose, and when the process
 * exits in any way that runs its exit handlers.
 */
export class RawTerminal implements Disposable {
  /** Watches what is shown, so that modes left on can be undone. */
  readonly modes = new TerminalModes();
  readonly #host: TerminalHost;
  readonly #draw: (text: string) => void;
  readonly #isKeyboard: boolean;
  readonly #onExit = () => this.#restore();
  readonly #onContinue = () => this.#continued();
  readonly #onWindow = () => this.#resized();
  readonly #resizeListeners = new Set<(size: Size) => void>();
  #raw = false;

  /**
   * Switches to raw mode if the standard input is a keyboard; whoever does not read it must leave its mode alone, for a
   * process in the background is stopped by the change. `draw` writes to the terminal at once and by all means (used once
   * more, at the end).
   */
  constructor(host: TerminalHost, draw: (text: string) => void, isKeyboard = host.stdin.isTTY === true) {
    this.#isKeyboard = isKeyboard;
    this.#host = host;
    this.#draw = draw;
    host.on('exit', this.#onExit);
    host.on('SIGCONT', this.#onContinue);
    host.on('SIGWINCH', this.#onWindow);
    this.#setRaw(true);
  }

  /** The size now; the usual one where the terminal does not tell. */
  get size(): Size {
    const { rows, columns } = this.#host.stdout;
    return { rows: rows || FALLBACK_SIZE.rows, cols: columns || FALLBACK_SIZE.cols };
  }

  /** Calls back with each new size. */
  onResize(listener: (size: Size) => void): void {
    this.#resizeListeners.add(listener);
  }

  /** Gives the terminal back to the shell that started this program, and stops until the shell continues it. */
  suspend(): void {
    this.#setRaw(false);
    this.#host.kill(this.#host.pid, 'SIGTSTP');
  }

  [Symbol.dispose](): void {
    this.#host.off('exit', this.#onExit);
    this.#host.off('SIGCONT', this.#onContinue);
    this.#host.off('SIGWINCH', this.#onWindow);
    this.#resizeListeners.clear();
    this.#restore();
  }

  #continued(): void {
    // Whoever had the terminal meanwhile may have changed its mode; naming "raw" again alone would change nothing.
    this.#setRaw(false);
    this.#setRaw(true);
    this.#resized();
  }

  #resized(): void {
    for (const listener of this.#resizeListeners) listener(this.size);
  }

  #setRaw(raw: boolean): void {
    this.#raw = raw;
    if (!this.#isKeyboard) return;
    try {
      this.#host.stdin.setRawMode(raw);
    } catch {
      // The terminal is gone: there is no mode to set, and whoever reads it says so.
    }
  }

  #restore(): void {
    const reset = this.modes.reset();
    if (reset !== '') this.#draw(reset);
    if (this.#raw) this.#setRaw(false);
  }
}
