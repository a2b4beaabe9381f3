/** What the user asked of this program in the middle of what is typed. */
export type EscapeCommand = 'disconnect' | 'suspend' | 'help' | 'status';

/** A piece of what was typed: bytes for the far end, or a command for this one. */
export type EscapeEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: EscapeCommand };

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const COMMANDS: ReadonlyMap<number, EscapeCommand> = new Map([
  [0x2e /* . */, 'disconnect'],
  [0x1a /* ^Z */, 'suspend'],
  [0x3f /* ? */, 'help'],
  [0x73 /* s */, 'status'],
]);

/** The escape character where the user names none: ssh's. */
export const DEFAULT_ESCAPE = 0x7e;

/**
 * Finds escape sequences in what is typed, by ssh's rules: the escape character counts only as the first
 * of a line; a second one sends it once; one before any other character is sent together with that.
 * Chunks may be split anywhere.
 */
export class EscapeParser {
  readonly #key: number | undefined;
  #lineStart = true;
  #pending = false;

  /** `key` is a byte, 0-255; undefined = no sequence is ever found. */
  constructor(key: number | undefined) {
    this.#key = key;
  }

  /** The next typed bytes, in order, as data and commands. Data are views of the chunk, cut where a sequence was. */
  push(chunk: Uint8Array): EscapeEvent[] {
    const key = this.#key;
    if (chunk.length === 0) return [];
    if (key === undefined) return [{ kind: 'data', bytes: chunk }];
    const events: EscapeEvent[] = [];
    let from = 0;
    // Besides after a line's end, a line starts here.
    let start = this.#lineStart ? 0 : -1;
    let at = this.#pending ? -1 : findEscape(chunk, key, 0, start);
    this.#pending = false;
    while (at < chunk.length) {
      if (at > from) events.push({ kind: 'data', bytes: chunk.subarray(from, at) });
      const second = chunk[at + 1];
      if (second === undefined) this.#pending = true;
      const command = second === undefined ? undefined : COMMANDS.get(second);
      if (command !== undefined) {
        events.push({ kind: command });
        start = at + 2;
      } else if (at < 0 && second !== key) events.push({ kind: 'data', bytes: Uint8Array.of(key) });
      from = sequenceEnd(at, { isCommand: command !== undefined, isKey: second === key });
      at = findEscape(chunk, key, at + 2, start);
    }
    if (!this.#pending && from < chunk.length) events.push({ kind: 'data', bytes: chunk.subarray(from) });
    this.#lineStart = start === chunk.length || isLineEnd(chunk.at(-1));
    return events;
  }

  /** The end of the typing: an escape character that waited for its second is sent. */
  end(): EscapeEvent[] {
    if (!this.#pending || this.#key === undefined) return [];
    this.#pending = false;
    return [{ kind: 'data', bytes: Uint8Array.of(this.#key) }];
  }
}

const isLineEnd = (byte: number | undefined): boolean => byte === NEWLINE || byte === RETURN;

/** Where the escape character next begins a line, at `start` or after a line's end; the chunk's length when it does not. */
function findEscape(chunk: Uint8Array, key: number, from: number, start: number): number {
  let at = chunk.indexOf(key, from);
  while (at >= 0 && at !== start && !isLineEnd(chunk[at - 1])) at = chunk.indexOf(key, at + 1);
  return at < 0 ? chunk.length : at;
}

/** Where the data go on after an escape character at `at` (-1 = it ended the chunk before) and its second character. */
function sequenceEnd(at: number, { isCommand, isKey }: { isCommand: boolean; isKey: boolean }): number {
  if (isCommand) return at + 2;
  return isKey ? at + 1 : Math.max(at, 0);
}

/** The text of `~?`, lines ended for a terminal in raw mode. `keepsPane`: what runs goes on without this client. */
export function escapeHelp(byte: number, keepsPane: boolean): string {
  const left = keepsPane ? 'the pane lives on at the host' : 'this is plain SSH: what runs there ends';
  const key = byte < 0x20 ? `^${String.fromCharCode(byte + 0x40)}` : String.fromCharCode(byte);
  return [
    '',
    'Supported escape sequences:',
    ` ${key}.   - disconnect (${left})`,
    ` ${key}^Z  - suspend ouro`,
    ` ${key}s   - how the connection stands: path, round trip, bytes`,
    ` ${key}?   - this message`,
    ` ${key}${key}   - send the escape character by typing it twice`,
    '(Escapes are recognised only at the start of a line.)',
    '',
  ].join('\r\n');
}

/** The escape character a user named: one character, `^X` for a control character, or `none`. */
export function parseEscape(text: string): { byte: number | undefined } | undefined {
  if (text === 'none') return { byte: undefined };
  if (/^[\x20-\x7e]$/.test(text)) return { byte: text.charCodeAt(0) };
  if (/^\^[@-_a-z]$/.test(text)) return { byte: text.toUpperCase().charCodeAt(1) & 0x1f };
  return undefined;
}
