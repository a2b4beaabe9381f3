import type { Readable, Writable } from 'node:stream';

/** Why a stream ends: any error of ours with its code. */
export interface EndReason {
  readonly code: string;
  readonly message: string;
}

/** Any two-way stream of bytes: an SSH channel, the stdio of a process, a pty, a unix socket. */
export interface ByteDuplex {
  /** Bytes of the far end, in chunks cut anywhere. Ends at EOF; throws when the stream broke. For one reader. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when the stream can take more. @throws what the stream met */
  write(bytes: Uint8Array): Promise<void>;
  /** Says EOF to the far end, and why where the stream has words for it; lets go of both directions. Twice is once. */
  end(reason?: EndReason): Promise<void>;
}

/** A stream cut before a write was taken. */
const broken = (): Error => new Error('the stream is closed');

const writeTo = (writable: Writable, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    if (writable.destroyed || writable.writableEnded) return reject(broken());
    const onClose = () => reject(broken());
    writable.once('close', onClose);
    writable.write(bytes, (error) => {
      writable.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });

const endOf = (writable: Writable): Promise<void> =>
  new Promise((resolve) => {
    if (writable.destroyed || writable.writableFinished) return resolve();
    writable.once('close', resolve);
    writable.once('error', () => resolve());
    writable.end(() => resolve());
  });

async function* bytesOf(readable: Readable): AsyncGenerator<Uint8Array> {
  // A reader that leaves must not destroy a stream whose other direction is still in use.
  for await (const chunk of readable.iterator({ destroyOnReturn: false })) {
    yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
}

/**
 * Two node streams (or one duplex, given twice) as a ByteDuplex.
 *
 * @param afterEnd lets go of what carries the streams, once the last bytes were flushed: an SSH channel's close,
 *   a child process's kill
 */
export function duplexFromStreams(
  readable: Readable,
  writable: Writable,
  afterEnd: () => void = () => {},
): ByteDuplex {
  // A write that fails rejects; the stream's own 'error' for the same failure must not end the process.
  writable.on('error', () => {});
  let ending: Promise<void> | undefined;
  return {
    readable: bytesOf(readable),
    write: (bytes) => writeTo(writable, bytes),
    end: () => {
      ending ??= endOf(writable).then(afterEnd);
      return ending;
    },
  };
}
