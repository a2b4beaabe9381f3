import type { IDisposable, IModes, Terminal } from '@xterm/headless';

/** Private modes that the emulator does not report: cursor blink, cursor, encodings of the mouse, alternate scroll. */
const TRACKED_MODES = [12, 25, 1005, 1006, 1007, 1015, 1016];
/** Those of them that are on after a reset. */
const ON_BY_DEFAULT = new Set([25]);
/** Every mode that a snapshot may set, put back first, so that it fits whatever the client's terminal was in. */
const RESET =
  '\x1b[?1049l\x1b[r\x1b[?6l\x1b[4l\x1b[?7h\x1b[?1l\x1b>\x1b[?45l\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l' +
  '\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1007l\x1b[?1015l\x1b[?1016l\x1b[?2004l\x1b[?12l\x1b[?25h\x1b[0 q' +
  '\x1b(B\x0f\x1b[0m\x1b[H\x1b[2J';

interface Margins {
  top: number;
  bottom: number;
}

/** The modes of a terminal, as the sequences that bring another one into them. */
export class ScreenModes implements Disposable {
  readonly #terminal: Terminal;
  readonly #hooks: IDisposable[];
  #modes = new Map<number, boolean>();
  #margins = new Map<string, Margins>();
  #cursorStyle = 0;
  #lineDrawing = false;
  #title = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    const { parser } = terminal;
    const seen = (note: () => void) => () => {
      note();
      return false;
    };
    const buffer = () => terminal.buffer.active.type;
    this.#hooks = [
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => this.#set(params, true)),
      parser.registerCsiHandler({ prefix: '?', final: 'l' }, (params) => this.#set(params, false)),
      parser.registerCsiHandler({ final: 'r' }, (params) => this.#setMargins(params)),
      parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([style]) => {
        this.#cursorStyle = typeof style === 'number' ? style : 0;
        return false;
      }),
      parser.registerCsiHandler(
        { intermediates: '!', final: 'p' },
        seen(() => this.#softReset(buffer())),
      ),
      parser.registerEscHandler(
        { final: 'c' },
        seen(() => this.#reset()),
      ),
      parser.registerEscHandler({ intermediates: '(', final: '0' }, () => this.#charset(true)),
      parser.registerEscHandler({ intermediates: '(', final: 'B' }, () => this.#charset(false)),
      terminal.onTitleChange((title) => {
        this.#title = title;
      }),
      terminal.onResize(() => this.#margins.clear()),
    ];
  }

  /** Brings any terminal to a known state: home, clear, no modes. Leaves its scrollback alone. */
  get prologue(): string {
    return RESET;
  }

  /** After the content: modes, then the cursor where a mode moved it. */
  get epilogue(): string {
    const { modes, buffer } = this.#terminal;
    const margins = this.#margins.get(buffer.active.type);
    let out = reported(modes);
    for (const mode of TRACKED_MODES) {
      const on = this.#modes.get(mode);
      if (on !== undefined && on !== ON_BY_DEFAULT.has(mode)) out += `\x1b[?${mode}${on ? 'h' : 'l'}`;
    }
    if (this.#cursorStyle > 0) out += `\x1b[${this.#cursorStyle} q`;
    if (this.#lineDrawing) out += '\x1b(0';
    if (this.#title) out += `\x1b]2;${printable(this.#title)}\x1b\\`;
    if (margins) out += `\x1b[${margins.top};${margins.bottom}r`;
    // These two send the cursor home: it is put back, counted from the margin in origin mode (DECOM).
    if (margins || modes.originMode) {
      const top = modes.originMode ? (margins?.top ?? 1) : 1;
      out += `\x1b[${buffer.active.cursorY + 2 - top};${buffer.active.cursorX + 1}H`;
    }
    return out;
  }

  [Symbol.dispose](): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #set(params: (number | number[])[], on: boolean): boolean {
    for (const mode of params) {
      if (typeof mode !== 'number') continue;
      if (TRACKED_MODES.includes(mode)) this.#modes.set(mode, on);
      if (mode === 47 || mode === 1047 || mode === 1049) this.#margins.delete('alternate');
    }
    return false;
  }

  #setMargins(params: (number | number[])[]): boolean {
    const { rows } = this.#terminal;
    const value = (at: number) => {
      const param = params[at];
      return typeof param === 'number' && param > 0 ? param : undefined;
    };
    const top = value(0) ?? 1;
    const bottom = Math.min(value(1) ?? rows, rows);
    if (bottom <= top) return false;
    const { type } = this.#terminal.buffer.active;
    if (top === 1 && bottom === rows) this.#margins.delete(type);
    else this.#margins.set(type, { top, bottom });
    return false;
  }

  #charset(lineDrawing: boolean): boolean {
    this.#lineDrawing = lineDrawing;
    return false;
  }

  #softReset(buffer: string): void {
    this.#modes.delete(25);
    this.#margins.delete(buffer);
    this.#lineDrawing = false;
  }

  #reset(): void {
    this.#modes = new Map();
    this.#margins = new Map();
    this.#cursorStyle = 0;
    this.#lineDrawing = false;
  }
}

/** The modes that the emulator reports itself. */
function reported(modes: IModes): string {
  const mouse = { none: 0, x10: 9, vt200: 1000, drag: 1002, any: 1003 }[modes.mouseTrackingMode];
  return [
    modes.applicationCursorKeysMode && '\x1b[?1h',
    modes.applicationKeypadMode && '\x1b=',
    modes.bracketedPasteMode && '\x1b[?2004h',
    modes.insertMode && '\x1b[4h',
    modes.originMode && '\x1b[?6h',
    modes.reverseWraparoundMode && '\x1b[?45h',
    modes.sendFocusMode && '\x1b[?1004h',
    !modes.wraparoundMode && '\x1b[?7l',
    mouse > 0 && `\x1b[?${mouse}h`,
  ]
    .filter((sequence) => sequence !== false)
    .join('');
}

/** A title without control characters. */
function printable(text: string): string {
  return [...text].filter((char) => char >= ' ' && (char < '\x7f' || char > '\x9f')).join('');
}
