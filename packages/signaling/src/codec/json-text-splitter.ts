import { MAX_MESSAGE_BYTES } from '../constants.ts';
import { SignalingError } from '../errors.ts';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NULL = [0x6e, 0x75, 0x6c, 0x6c];

/** Options of a JsonTextSplitter. */
export interface JsonTextSplitterOptions {
  /** Largest single text, in bytes; `MAX_MESSAGE_BYTES` unless told. */
  readonly maxBytes?: number;
}

/**
 * Cuts a stream of bytes into its JSON texts (RFC 8259), wherever the chunks were cut: texts may come in
 * pieces, also within a UTF-8 sequence, and several in one chunk, with or without white space between.
 * Only objects, arrays and `null` may stand at the top; a number there would have no end of its own.
 * It finds where a text ends and leaves to `JSON.parse` whether it is well formed.
 */
export class JsonTextSplitter {
  readonly #maxBytes: number;
  /** The text that is not whole yet: the first `#bytes` of this. */
  #buffer = new Uint8Array(0);
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #nullAt = 0;
  #broken: SignalingError | undefined;

  constructor({ maxBytes = MAX_MESSAGE_BYTES }: JsonTextSplitterOptions = {}) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The texts that this chunk completes, decoded as UTF-8.
   * @throws SignalingError `bad-message` for what cannot be JSON, `oversize` when a text grows past the cap;
   * the stream is of no use after either, and each later call throws the same
   */
  push(chunk: Uint8Array): string[] {
    if (this.#broken) throw this.#broken;
    try {
      return this.#split(chunk);
    } catch (thrown) {
      this.#broken = SignalingError.from(thrown);
      this.#buffer = new Uint8Array(0);
      throw this.#broken;
    }
  }

  /** The stream has ended. @throws SignalingError `bad-message` when it ended within a text */
  end(): void {
    if (this.#broken) throw this.#broken;
    if (this.#isWithinText)
      throw new SignalingError('bad-message', 'The stream ended in the middle of a JSON text');
  }

  get #isWithinText(): boolean {
    return this.#depth > 0 || this.#nullAt > 0;
  }

  #split(chunk: Uint8Array): string[] {
    const texts: string[] = [];
    let start = 0;
    for (const [at, byte] of chunk.entries()) {
      if (!this.#isWithinText) start = at;
      if (!this.#endsTextAt(byte)) continue;
      this.#keep(chunk.subarray(start, at + 1));
      texts.push(this.#takeText());
    }
    if (this.#isWithinText) this.#keep(chunk.subarray(start));
    return texts;
  }

  /** Moves on by one byte; true when it is the last of a text. */
  #endsTextAt(byte: number): boolean {
    if (this.#inString) return this.#withinString(byte);
    if (this.#nullAt > 0) return this.#withinNull(byte);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return this.#closes();
    else if (this.#depth === 0) return this.#betweenTexts(byte);
    else if (byte === QUOTE) this.#inString = true;
    return false;
  }

  #withinString(byte: number): false {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    return false;
  }

  #withinNull(byte: number): boolean {
    if (byte !== NULL[this.#nullAt]) throw garbage();
    this.#nullAt = (this.#nullAt + 1) % NULL.length;
    return this.#nullAt === 0;
  }

  #closes(): boolean {
    if (this.#depth === 0) throw garbage();
    this.#depth -= 1;
    return this.#depth === 0;
  }

  #betweenTexts(byte: number): false {
    if (byte === NULL[0]) this.#nullAt = 1;
    else if (!WHITESPACE.has(byte)) throw garbage();
    return false;
  }

  #keep(part: Uint8Array): void {
    const bytes = this.#bytes + part.length;
    if (bytes > this.#maxBytes) {
      throw new SignalingError(
        'oversize',
        `The other end sent a message of more than ${this.#maxBytes} bytes`,
      );
    }
    if (bytes > this.#buffer.length) this.#grow(bytes);
    this.#buffer.set(part, this.#bytes);
    this.#bytes = bytes;
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#bytes));
    this.#buffer = larger;
  }

  #takeText(): string {
    const text = utf8(this.#buffer.subarray(0, this.#bytes));
    this.#buffer = new Uint8Array(0);
    this.#bytes = 0;
    return text;
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SignalingError('bad-message', 'The other end sent a message that is not UTF-8', { cause });
  }
}

function garbage(): SignalingError {
  return new SignalingError(
    'bad-message',
    'The other end sent something that is not JSON; a program on the way may be printing into the stream',
  );
}
