/** Private modes of a terminal that, left on, spoil it for the shell that comes after: DEC and xterm numbers. */
const TRACKED: ReadonlySet<number> = new Set([
  1, // application cursor keys
  1000,
  1002,
  1003,
  1005,
  1006,
  1015, // mouse reports
  1004, // focus reports
  2004, // bracketed paste
  47,
  1047,
  1049, // other screen
]);

/** The screen of programs that fill it. */
const OTHER_SCREENS = [47, 1047, 1049] as const;

/** The cursor is visible unless hidden: the one mode whose good state is on. */
const CURSOR = 25;

const ESC = 0x1b;
/** Longest private mode sequence looked at, in bytes: real ones set four modes at most. */
const MAX_SEQUENCE = 64;

/**
 * Remembers which modes the far programs have switched on in the local terminal, so that they can be
 * switched off when the connection ends in the middle of one.
 */
export class TerminalModes {
  readonly #on = new Set<number>();
  #cursorHidden = false;
  #touched = false;
  #carry = '';
  #tail = '';

  /** Whether the last output has ended between two sequences and two characters: then something else may be written. */
  get isSettled(): boolean {
    return isSettled(this.#tail);
  }

  /** A program shows its own screen. */
  get isOtherScreen(): boolean {
    return OTHER_SCREENS.some((mode) => this.#on.has(mode));
  }

  /** Output on its way to the terminal, in order, split anywhere. */
  push(chunk: Uint8Array): void {
    this.#tail = (this.#tail + latin1(chunk.subarray(-MAX_SEQUENCE))).slice(-MAX_SEQUENCE);
    if (this.#carry === '' && chunk.indexOf(ESC) < 0) return;
    const text = this.#carry + latin1(chunk);
    this.#touched = true;
    const parts = text.split('\x1b');
    for (const part of parts.slice(1)) {
      const [, numbers, final] = /^\[\?([0-9;]{1,60})([hl])/.exec(part) ?? [];
      for (const number of numbers?.split(';') ?? []) this.#set(Number(number), final === 'h');
    }
    const tail = parts.length > 1 ? parts.at(-1) : undefined;
    const cut = tail !== undefined && tail.length < MAX_SEQUENCE && /^(\[(\?[0-9;]*)?)?$/.test(tail);
    this.#carry = cut ? `\x1b${tail}` : '';
  }

  /** What brings the terminal back: empty when nothing was left on. */
  reset(): string {
    if (!this.#touched) return '';
    // A cut sequence is ended first (CAN), so that the next bytes are not taken as its rest.
    const off = Array.from(this.#on, (mode) => `\x1b[?${mode}l`).join('');
    this.#on.clear();
    const cursor = this.#cursorHidden ? '\x1b[?25h' : '';
    this.#cursorHidden = false;
    this.#touched = false;
    return `\x18${off}${cursor}\x1b>\x1b[0m`;
  }

  #set(mode: number, on: boolean): void {
    if (mode === CURSOR) this.#cursorHidden = !on;
    else if (!TRACKED.has(mode)) return;
    else if (on) this.#on.add(mode);
    else this.#on.delete(mode);
  }
}

/** What ends a control string, beside ESC and a backslash. */
const BELL = '\x07';
const STRING_TERMINATOR = '\x9c';

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** A control string (OSC, DCS and the like) that has not ended, a sequence without its final character, or half a character of UTF-8. */
function isSettled(tail: string): boolean {
  const at = tail.lastIndexOf('\x1b');
  if (at >= 0) {
    const last = tail.slice(at + 1);
    const isString = /^[\]PX^_]/.test(last);
    if (isString && !last.includes(BELL) && !last.includes(STRING_TERMINATOR)) return false;
    if (!isString && /^(?:\[[\x20-\x3f]*|[\x20-\x2f]*)$/.test(last)) return false;
  }
  const [, lead = '', rest = ''] = /([\xc2-\xf4])([\x80-\xbf]*)$/.exec(tail) ?? [];
  const missing = lead === '' ? 0 : lead >= '\xf0' ? 3 : lead >= '\xe0' ? 2 : 1;
  return rest.length >= missing;
}
