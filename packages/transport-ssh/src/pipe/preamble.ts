import { SignalingError } from '@ouro/signaling';
import { MAX_PREAMBLE_BYTES } from '../constants.ts';

/** What the `accept` command said of itself before the first signal. */
export interface Ready {
  /** The whole status object of newer agents, decoded but not checked; undefined after a plain `READY`. */
  readonly status: Readonly<Record<string, unknown>> | undefined;
  /** Bytes that arrived behind the READY line: the first of the signals. */
  readonly rest: Uint8Array;
}

const NEWLINE = 0x0a;
const CLOSING_BRACE = 0x7d;

// A shell's start-up files print window titles (OSC) and colours (CSI) that end without a newline.
const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const TERMINAL_SEQUENCE = new RegExp(
  `${ESC}(?:\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|\\[[0-?]*[ -/]*[@-~]|[@-Z\\\\^_])|(?!\\t)\\p{Cc}`,
  'gu',
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const statusOf = (text: string): Record<string, unknown> | undefined => {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Finds the line that says the far command is connected to its agent: one that starts with `READY`, or a JSON
 * object. Every line before it (banner, motd, what a shell's start-up files print) is skipped, within a cap.
 */
export class PreambleDecoder {
  #held: Uint8Array = new Uint8Array(0);
  #skipped = 0;

  /** The next bytes; gives `Ready` once its line is whole. @throws SignalingError `oversize` */
  push(bytes: Uint8Array): Ready | undefined {
    this.#held = concat(this.#held, bytes);
    for (let end = this.#held.indexOf(NEWLINE); end >= 0; end = this.#held.indexOf(NEWLINE)) {
      const ready = this.#line(end, end + 1);
      if (ready) return ready;
      this.#skipped += end + 1;
      this.#held = this.#held.subarray(end + 1);
    }
    // A status object may come without its newline; a line of noise may not.
    const last = this.#held.length - 1;
    if (this.#held[last] === CLOSING_BRACE) {
      const ready = this.#line(last + 1, last + 1);
      if (ready) return ready;
    }
    if (this.#skipped + this.#held.length > MAX_PREAMBLE_BYTES) {
      throw new SignalingError(
        'oversize',
        `The far shell printed more than ${MAX_PREAMBLE_BYTES} bytes before the agent answered; make its start-up files quiet for commands`,
      );
    }
    return undefined;
  }

  #line(end: number, next: number): Ready | undefined {
    const text = new TextDecoder().decode(this.#held.subarray(0, end)).replace(TERMINAL_SEQUENCE, '').trim();
    const status = statusOf(text);
    if (!status && !text.startsWith('READY')) return undefined;
    return { status, rest: this.#held.subarray(next) };
  }
}

const concat = (head: Uint8Array, tail: Uint8Array): Uint8Array => {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
};
