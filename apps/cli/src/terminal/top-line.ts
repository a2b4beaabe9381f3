import type { RawTerminal } from './terminal.ts';

/** Saves the cursor, goes to the first line, and clears it with the usual colours. */
const BEGIN = '\x1b7\x1b[1;1H\x1b[0m\x1b[2K';
/** The cursor is where and as it was. */
const END = '\x1b8';

/** What a notice may use of the terminal. */
export type NoticeTerminal = Pick<RawTerminal, 'size' | 'modes'>;

/**
 * One line over the first of the screen, as long as there is something to say. The first is missed least: a shell is
 * at the bottom, and what it shows there is old. Programs that fill the screen are asked to draw it anew afterwards.
 */
export class TopLine {
  readonly #terminal: NoticeTerminal;
  readonly #draw: (text: string) => void;
  readonly #redraw: () => void;
  #shown = false;

  /** `draw` writes to the terminal as it stands; `redraw` has the far program draw its screen anew. */
  constructor(terminal: NoticeTerminal, draw: (text: string) => void, redraw: () => void) {
    this.#terminal = terminal;
    this.#draw = draw;
    this.#redraw = redraw;
  }

  /** Shows a text, cut to the width of the terminal; not while the terminal is in the middle of a sequence or character. */
  show(text: string): void {
    if (!this.#terminal.modes.isSettled) return;
    this.#shown = true;
    const { cols } = this.#terminal.size;
    this.#draw(`${BEGIN}\x1b[2m${text.slice(0, cols - 1)}\x1b[0m${END}`);
  }

  /** Takes it away. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    if (this.#terminal.modes.isSettled) this.#draw(`${BEGIN}${END}`);
    if (this.#terminal.modes.isOtherScreen) this.#redraw();
  }
}
