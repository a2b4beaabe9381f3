import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { throwIfAborted } from '@ouro/signaling';
import type { SshPrompt, SshQuestion } from '@ouro/ssh-client';
import { MAX_ANSWER_LENGTH } from '../constants.ts';
import { Signalled } from '../session/signals.ts';

const ENTER = /^[\r\n]$/;
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const BACKSPACE = new Set(['\x7f', '\b']);

/** What is typed on one line of a raw terminal. */
class Line {
  #characters: string[] = [];
  readonly #echo: (text: string) => void;

  constructor(echo: (text: string) => void) {
    this.#echo = echo;
  }

  get text(): string {
    return this.#characters.join('');
  }

  /** Takes a character; true when the line is done, undefined when the user gave up. */
  push(character: string): boolean | undefined {
    if (ENTER.test(character)) return true;
    if (character === CTRL_D && this.#characters.length === 0) return undefined;
    if (BACKSPACE.has(character)) {
      if (this.#characters.pop() !== undefined) this.#echo('\b \b');
    } else if (character === CTRL_U) {
      for (const _ of this.#characters.splice(0)) this.#echo('\b \b');
    } else if (character >= ' ' && this.#characters.length < MAX_ANSWER_LENGTH) {
      this.#characters.push(character);
      this.#echo(character);
    }
    return false;
  }
}

/** How the terminal is asked on. */
export interface TtyPromptOptions {
  /** Shows text at once. */
  readonly draw: (text: string) => void;
  /** Keeps everything else off the terminal until it is disposed of. */
  readonly quiet: () => Disposable;
  /** The user pressed ^C. */
  readonly interrupt: (reason: Signalled) => void;
}

/** Asks on the controlling terminal, also when the standard input is a file, as ssh does. Undefined when there is none. */
export function ttyPrompt(options: TtyPromptOptions): SshPrompt | undefined {
  try {
    // Opened once to see that it is there; each question opens it anew.
    closeSync(openSync('/dev/tty', 'r+'));
  } catch {
    return undefined;
  }
  return async (question, { signal }) => {
    using _ = options.quiet();
    throwIfAborted(signal);
    // Awaited here, so that nothing comes back on the screen before the answer.
    return await ask(question, options, signal);
  };
}

function ask(
  question: SshQuestion,
  options: TtyPromptOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const tty = new ReadStream(openSync('/dev/tty', 'r+'));
  const { draw } = options;
  const line = new Line(question.echo ? draw : () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const onAbort = () => reject(signal.reason);
  tty.setRawMode(true);
  tty.setEncoding('utf8');
  // Node's raw mode leaves the translation of line ends on.
  draw(question.text);
  tty.on('data', (text: string) => {
    for (const character of text) {
      if (character === CTRL_C) {
        options.interrupt(new Signalled('SIGINT'));
        return resolve(undefined);
      }
      const done = line.push(character);
      if (done !== false) return resolve(done ? line.text : undefined);
    }
  });
  tty.once('error', reject);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', onAbort);
    tty.setRawMode(false);
    draw('\n');
    tty.destroy();
  });
}
