import xterm, { type Terminal } from '@xterm/headless';
import { SCROLLBACK_LINES } from '../constants.ts';
import type { TerminalSize } from '../types.ts';
import { PLAIN, penOf } from './cell-style.ts';
import { drawBuffer } from './draw-buffer.ts';
import { ScreenModes } from './screen-modes.ts';
import { SequenceBoundary } from './sequence-boundary.ts';

/** An emulator that follows a pane's output, so that its screen can be shown to a client that comes later. */
export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #modes: ScreenModes;
  readonly #scanner = new SequenceBoundary();
  #boundary = 0;
  #position = 0;

  constructor({ rows, cols }: TerminalSize, scrollback: number = SCROLLBACK_LINES) {
    this.#terminal = new xterm.Terminal({ rows, cols, scrollback, allowProposedApi: true, logLevel: 'off' });
    this.#modes = new ScreenModes(this.#terminal);
  }

  /** Bytes parsed so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * Where output has to go on after a snapshot taken now: `position`, or where the sequence or character began
   * that `position` cuts in two.
   */
  get resumeFrom(): number {
    return this.#boundary;
  }

  /** Resolves when the bytes are parsed; they must not change until then. One at a time. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#terminal.write(bytes, () => {
        this.#scanner.feed(bytes);
        this.#position += bytes.length;
        this.#boundary = this.#scanner.boundary;
        resolve();
      });
    });
  }

  /** The bytes up to here are lost: goes on there, with a screen that may be wrong until it is redrawn. */
  skipTo(position: number): void {
    this.#scanner.skipTo(position);
    this.#position = position;
    this.#boundary = position;
  }

  resize({ rows, cols }: TerminalSize): void {
    this.#terminal.resize(cols, rows);
  }

  /**
   * What brings any terminal of the same size to this screen: scrollback (bounded), colours, both buffers, the
   * cursor, modes and the title.
   */
  snapshot(): string {
    const { buffer, cols } = this.#terminal;
    let snapshot = this.#modes.prologue + drawBuffer(buffer.normal, cols);
    if (buffer.active.type === 'alternate') {
      snapshot += `${PLAIN}\x1b[?1049h\x1b[H${drawBuffer(buffer.alternate, cols)}`;
    }
    return snapshot + penOf(this.#terminal) + this.#modes.epilogue;
  }

  [Symbol.dispose](): void {
    this.#modes[Symbol.dispose]();
    this.#terminal.dispose();
  }
}
