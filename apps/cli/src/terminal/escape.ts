/** What the user asked of this program in the middle of his typing. */
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

  /** The next typed bytes, in order, as data and commands. Bytes are copied only where a sequence was cut out. */
  push(chunk: Uint8Array): EscapeEvent[] {
    if (this.#key === undefined) return chunk.length === 0 ? [] : [{ kind: 'data', bytes: chunk }];
    const events: EscapeEvent[] = [];
    let data: number[] = [];
    for (const byte of chunk) {
      const command = this.#step(byte, data);
      if (command === undefined) continue;
      if (data.length > 0) events.push({ kind: 'data', bytes: Uint8Array.from(data) });
      data = [];
      events.push({ kind: command });
    }
    if (data.length > 0) events.push({ kind: 'data', bytes: Uint8Array.from(data) });
    return events;
  }

  /** The end of the typing: an escape character that waited for its second is sent. */
  end(): EscapeEvent[] {
    if (!this.#pending || this.#key === undefined) return [];
    this.#pending = false;
    return [{ kind: 'data', bytes: Uint8Array.of(this.#key) }];
  }

  #step(byte: number, data: number[]): EscapeCommand | undefined {
    const key = this.#key;
    if (key === undefined) return undefined;
    if (this.#pending) {
      this.#pending = false;
      const command = COMMANDS.get(byte);
      if (command !== undefined) return command;
      if (byte !== key) data.push(key);
    } else if (this.#lineStart && byte === key) {
      this.#pending = true;
      return undefined;
    }
    this.#lineStart = byte === NEWLINE || byte === RETURN;
    data.push(byte);
    return undefined;
  }
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
