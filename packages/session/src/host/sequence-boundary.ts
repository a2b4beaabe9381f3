const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
/** The bytes after ESC that open a string: DCS P, SOS X, OSC ], PM ^, APC _. */
const STRING_OPENERS = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);

type State = 'ground' | 'escape' | 'csi' | 'string';

/**
 * Follows a terminal stream just far enough to say where its last unfinished control sequence or UTF-8
 * character began. Output may be cut there and nowhere after it (ECMA-48, and the parser of the VT500 family).
 */
export class SequenceBoundary {
  #state: State = 'ground';
  #position = 0;
  #pendingFrom = 0;
  #missing = 0;

  /** Where what is unfinished began; the end of all that was fed, if nothing is. */
  get boundary(): number {
    return this.#state === 'ground' && this.#missing === 0 ? this.#position : this.#pendingFrom;
  }

  /** Starts anew in plain text at this position. */
  skipTo(position: number): void {
    this.#position = position;
    this.#state = 'ground';
    this.#missing = 0;
  }

  /** The next bytes of the stream. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      at = this.#state === 'ground' ? this.#ground(bytes, at) : this.#inSequence(bytes, at);
    }
    this.#position += bytes.length;
  }

  /** Plain text up to the next ESC; that search is native, and most output is this. */
  #ground(bytes: Uint8Array, from: number): number {
    let at = from;
    while (this.#missing > 0 && at < bytes.length && isContinuation(bytes[at])) {
      this.#missing -= 1;
      at += 1;
    }
    if (at === bytes.length) return at;
    this.#missing = 0;
    const next = bytes.indexOf(ESC, at);
    if (next === -1) {
      this.#trailingCharacter(bytes, at);
      return bytes.length;
    }
    this.#begin(next);
    return next + 1;
  }

  #begin(at: number): void {
    this.#state = 'escape';
    this.#pendingFrom = this.#position + at;
  }

  #inSequence(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (byte === ESC) this.#begin(at);
    else if (byte === CAN || byte === SUB) this.#state = 'ground';
    else if (this.#state === 'escape') this.#afterEscape(byte);
    else if (this.#state === 'csi') this.#inControlSequence(byte);
    else if (byte === BEL) this.#state = 'ground';
    return at + 1;
  }

  #afterEscape(byte: number): void {
    if (byte === 0x5b) this.#state = 'csi';
    else if (STRING_OPENERS.has(byte)) this.#state = 'string';
    else if (byte >= 0x30) this.#state = 'ground';
  }

  #inControlSequence(byte: number): void {
    if (byte >= 0x40) this.#state = 'ground';
  }

  #trailingCharacter(bytes: Uint8Array, from: number): void {
    for (let back = 1; back <= 3 && bytes.length - back >= from; back += 1) {
      const byte = bytes[bytes.length - back] ?? 0;
      if (isContinuation(byte)) continue;
      const length = characterLength(byte);
      if (length > back) {
        this.#missing = length - back;
        this.#pendingFrom = this.#position + bytes.length - back;
      }
      return;
    }
  }
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** Bytes of the UTF-8 character that this byte leads (RFC 3629 section 3). */
function characterLength(lead: number): number {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xc0 && lead < 0xe0) return 2;
  return 1;
}
