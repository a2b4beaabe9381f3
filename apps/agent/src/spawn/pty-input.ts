import { writeSync } from 'node:fs';
import { systemCode } from '@ouro/base/node';
import { PTY_RETRY_MAX_MS, PTY_RETRY_MIN_MS } from '../base/constants.ts';

const NEWLINE = 0x0a;
const END_OF_FILE = 0x04;

/**
 * The input side of a pty's master, whose descriptor does not block. Nothing is kept: `write` resolves when the
 * terminal has taken every byte, so a paste of any size arrives whole and a program that does not read holds its
 * writer back.
 */
export class PtyInput {
  readonly #fd: number;
  readonly #isOpen: () => boolean;
  #atLineStart = true;
  #wake: (() => void) | undefined;

  /** @param isOpen asked before each use of the descriptor: a closed one's number may be another file's by now */
  constructor(fd: number, isOpen: () => boolean) {
    this.#fd = fd;
    this.#isOpen = isOpen;
  }

  /** One at a time. @throws Error when the terminal is closed */
  async write(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    let pause = PTY_RETRY_MIN_MS;
    while (offset < bytes.length) {
      const taken = this.#attempt(bytes.subarray(offset));
      offset += taken;
      if (taken === 0) {
        await this.#wait(pause);
        pause = Math.min(2 * pause, PTY_RETRY_MAX_MS);
      } else {
        pause = PTY_RETRY_MIN_MS;
      }
    }
    if (bytes.length > 0) this.#atLineStart = bytes.at(-1) === NEWLINE;
  }

  /** The end-of-file character: once at the start of a line, else once to flush the line and once to end (termios(3), VEOF). */
  endOfFile(): Promise<void> {
    return this.write(Uint8Array.from(this.#atLineStart ? [END_OF_FILE] : [END_OF_FILE, END_OF_FILE]));
  }

  /** Wakes a writer that waits, so that it sees the terminal closed. */
  close(): void {
    this.#wake?.();
  }

  /** Bytes taken; 0 when the terminal is full. */
  #attempt(bytes: Uint8Array): number {
    if (!this.#isOpen()) throw new Error('the terminal is closed');
    try {
      return writeSync(this.#fd, bytes);
    } catch (thrown) {
      if (systemCode(thrown) === 'EAGAIN') return 0;
      throw thrown;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
