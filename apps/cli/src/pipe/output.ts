import { write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Abortable } from '@ouro/signaling';
import { OUTPUT_RETRY_MS } from '../constants.ts';
import { CliError, systemCode } from '../errors.ts';

/** The system call this needs: writes some of `bytes` and gives their number to the callback. */
export type WriteCall = (
  fd: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/**
 * One output of this program. It writes from a thread of the pool, so that a reader that stalls (a pager, a
 * stopped terminal) never stops the event loop: the connection's keep-alives live there. It leaves the file
 * descriptor as it is: a non-blocking mode would reach every other process that shares it.
 */
export class Output {
  readonly #fd: number;
  readonly #write: WriteCall;

  constructor(fd: number, call: WriteCall = write) {
    this.#fd = fd;
    this.#write = call;
  }

  /**
   * Resolves when the system has taken all the bytes.
   * @throws CliError `output-closed` when nobody reads any more, `output-failed`; the signal's reason
   */
  async write(bytes: Uint8Array, { signal }: Abortable): Promise<void> {
    let rest = bytes;
    let pause = 1;
    while (rest.length > 0) {
      signal.throwIfAborted();
      const written = await this.#some(rest);
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

  #some(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#write(this.#fd, bytes, (error, written) => {
        if (error === null) resolve(written);
        else if (error.code === 'EAGAIN') resolve(0);
        else reject(outputError(error));
      });
    });
  }
}

function outputError(error: Error): CliError {
  const code = systemCode(error);
  if (code === 'EPIPE' || code === 'ECONNRESET' || code === 'EIO') {
    return new CliError('output-closed', 'Nobody reads the output any more', { cause: error });
  }
  return new CliError('output-failed', `The output cannot be written: ${code ?? error.message}`, {
    cause: error,
  });
}
