import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '@ouro/base/node';
import type { Abortable } from '@ouro/signaling';
import { OUTPUT_RETRY_MS } from '../constants.ts';
import { CliError } from '../errors.ts';
import { openWriter, type Writer } from './writer.ts';

/**
 * One output of this program. A reader that stalls (a pager, a stopped terminal) never stops the event loop: the
 * connection's keep-alives live there.
 */
export class Output {
  readonly #writer: Writer;

  /** `fd` 1 or 2, or a writer of another kind. */
  constructor(writer: number | Writer) {
    this.#writer = typeof writer === 'number' ? openWriter(writer) : writer;
  }

  /**
   * Resolves when the system has taken all the bytes.
   * @throws CliError `output-closed` when nobody reads any more, `output-failed`; the signal's reason
   */
  async write(bytes: Uint8Array, { signal }: Abortable): Promise<void> {
    let rest = bytes.subarray(this.#now(bytes));
    let pause = 1;
    while (rest.length > 0) {
      signal.throwIfAborted();
      const written = await this.#later(rest);
      rest = rest.subarray(written);
      if (written > 0) {
        pause = 1;
        continue;
      }
      // Another process has made the shared descriptor non-blocking, and it is full.
      await delay(pause, undefined, { signal });
      pause = Math.min(pause * 2, OUTPUT_RETRY_MS);
    }
  }

  #now(bytes: Uint8Array): number {
    try {
      return this.#writer.writeNow(bytes);
    } catch (error) {
      return takenOf(error);
    }
  }

  async #later(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#writer.write(bytes);
    } catch (error) {
      return takenOf(error);
    }
  }
}

/** None, when there is only no room now. @throws CliError */
function takenOf(error: unknown): number {
  const code = systemCode(error);
  if (code === 'EAGAIN') return 0;
  if (code === 'EPIPE' || code === 'ECONNRESET') {
    throw new CliError('output-closed', 'Nobody reads the output any more', { cause: error });
  }
  throw new CliError('output-failed', `The output cannot be written: ${code ?? 'unknown failure'}`, {
    cause: error,
  });
}
