import type { RawTerminal } from './terminal.ts';

/** Saves the cursor, goes to the first line, and clears it with the usual colours. */
const FIRST_ROW = '\x1b7\x1b[1;1H\x1b[0m\x1b[2K';
/** The same for the row below the cursor. */
const ROW_BELOW = '\x1b7\x1b[B\r\x1b[0m\x1b[2K';
/** Index and reverse index: at the bottom the screen scrolls, as for any new line, and the cursor goes with its text. */
const MAKE_ROOM = '\x1bD\x1bM';
/** The cursor is where and as it was. */
const END = '\x1b8';

/** What a notice may use of the terminal. */
export type NoticeTerminal = Pick<RawTerminal, 'size' | 'modes'>;

/**
 * One line for a notice, as long as there is something to say. No terminal gives back what was drawn over, so nothing is:
 * the line stands below the cursor, where a shell has nothing. A program that fills the screen has no such place; it gets
 * the first row. Afterwards the far program is asked to draw anew, for what it may have had there after all.
 */
export class TopLine {
  readonly #terminal: NoticeTerminal;
  readonly #draw: (text: string) => void;
  readonly #redraw: () => void;
  /** How to get to the line that is shown. */
  #shown: string | undefined;

  /** `draw` writes to the terminal as it stands; `redraw` has the far program draw its screen anew. */
  constructor(terminal: NoticeTerminal, draw: (text: string) => void, redraw: () => void) {
    this.#terminal = terminal;
    this.#draw = draw;
    this.#redraw = redraw;
  }

  /** Shows a text, cut to the width of the terminal; not while the terminal is in the middle of a sequence or character. */
  show(text: string): void {
    const { modes, size } = this.#terminal;
    if (!modes.isSettled) return;
    const isNew = this.#shown === undefined;
    this.#shown ??= modes.isOtherScreen ? FIRST_ROW : ROW_BELOW;
    const room = isNew && this.#shown === ROW_BELOW ? MAKE_ROOM : '';
    this.#draw(`${room}${this.#shown}\x1b[2m${text.slice(0, size.cols - 1)}\x1b[0m${END}`);
  }

  /** Takes it away. Must come before anything else is written: the line is found by the cursor. */
  clear(): void {
    if (this.#shown === undefined) return;
    this.#draw(`${this.#shown}${END}`);
    this.#shown = undefined;
    this.#redraw();
  }
}
