import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

/** Two ways to write to one output; each gives the number of bytes taken or throws an error of the system. */
export interface Writer {
  /** What fits at once, without waiting; may be none. */
  writeNow(bytes: Uint8Array): number;
  /** Some, waiting for room. */
  write(bytes: Uint8Array): Promise<number>;
}

const writeInPool = promisify(write);

/**
 * A second way to the same pipe or terminal that does not block. It is another open file, so the mode reaches no
 * process that shares the first. Linux only; undefined where there is none.
 */
function openNonBlocking(fd: number): number | undefined {
  try {
    // A file would be written from its start again.
    if (process.platform !== 'linux' || !(isatty(fd) || fstatSync(fd).isFIFO())) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/**
 * The writer of a descriptor. What fits is written at once, for an echoed key should not wait for a thread; what does not
 * is written by a thread of the pool, which may wait for a stalled reader as the event loop may not. The descriptor's
 * own mode stays as it is.
 */
export function openWriter(fd: number): Writer {
  const direct = openNonBlocking(fd);
  return {
    writeNow: (bytes) => (direct === undefined ? 0 : writeSync(direct, bytes)),
    write: async (bytes) => (await writeInPool(fd, bytes)).bytesWritten,
  };
}
