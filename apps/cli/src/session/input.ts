import type { Readable } from 'node:stream';
import { systemCode } from '@ouro/base/node';
import { CliError } from '../errors.ts';
import type { EscapeEvent, EscapeParser } from '../terminal/escape.ts';

/** What the commands of the escape character do. */
export interface EscapeActions {
  suspend(): void;
  status(): void;
  help(): void;
}

/** The user has typed the sequence that disconnects. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

/** The bytes of an input of this program. @throws CliError `input-failed` */
export async function* readInput(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    // The terminal's mode is set through the stream until the very end, so it is not destroyed with the iteration.
    const chunks: AsyncIterable<unknown> = stream.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    const code = systemCode(error);
    // A terminal whose other end is gone is an input that has ended.
    if (code === 'EIO' || code === 'ENXIO') return;
    throw new CliError('input-failed', `The standard input cannot be read: ${code ?? 'unknown failure'}`, {
      cause: error,
    });
  }
}

/** The terminal is gone: its window was closed, or its line was cut. */
export class HungUp extends Error {
  override readonly name = 'HungUp';

  constructor() {
    super('The terminal has hung up');
  }
}

/**
 * What is typed on a terminal in raw mode. There ^D is a character like any other, so that an end is nobody's wish: the
 * terminal is gone. @throws HungUp, CliError `input-failed`
 */
export async function* readKeyboard(stream: Readable): AsyncGenerator<Uint8Array> {
  yield* readInput(stream);
  throw new HungUp();
}

/** Typed bytes without the escape sequences, which are acted upon. @throws Disconnected, HungUp, CliError `input-failed` */
export async function* readTyping(
  input: AsyncIterable<Uint8Array>,
  parser: EscapeParser,
  actions: EscapeActions,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) yield* act(parser.push(chunk), actions);
  yield* act(parser.end(), actions);
}

function* act(events: readonly EscapeEvent[], actions: EscapeActions): Generator<Uint8Array> {
  for (const event of events) {
    if (event.kind === 'data') yield event.bytes;
    else if (event.kind === 'disconnect') throw new Disconnected('The user has disconnected');
    else actions[event.kind]();
  }
}

/** An input that never says anything and is over at once. */
export async function* noInput(): AsyncGenerator<Uint8Array> {}
