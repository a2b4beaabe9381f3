import type { Socket } from 'node:net';
import { AgentError } from '../base/errors.ts';

const NEWLINE = 0x0a;

/**
 * Reads lines from a socket one at a time, and gives the stream back whole: what came behind the last line is still
 * there for the next reader.
 */
export class LineReader {
  readonly #socket: Socket;
  readonly #maxBytes: number;

  /** @param maxBytes longest line, without its end */
  constructor(socket: Socket, maxBytes: number) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
  }

  /**
   * The next line without its end; undefined at the end of the stream.
   *
   * @throws AgentError `oversize`, `aborted` as the signal's reason, `not-running` when the stream broke
   */
  async next({ signal }: { signal: AbortSignal }): Promise<Uint8Array | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = await nextChunk(this.#socket, { signal });
      if (chunk === undefined) return undefined;
      const end = chunk.indexOf(NEWLINE);
      const part = end === -1 ? chunk : chunk.subarray(0, end);
      length += part.length;
      if (length > this.#maxBytes) {
        throw new AgentError(
          'oversize',
          `A line on the agent's socket is longer than ${this.#maxBytes} bytes`,
        );
      }
      chunks.push(part);
      if (end === -1) continue;
      if (end + 1 < chunk.length) this.#socket.unshift(chunk.subarray(end + 1));
      return Buffer.concat(chunks);
    }
  }
}

const read = (socket: Socket): Buffer | undefined => {
  const chunk: unknown = socket.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
};

/** The next bytes of a socket; undefined at its end, however it came. @throws the signal's reason */
export async function nextChunk(
  socket: Socket,
  { signal }: { signal: AbortSignal },
): Promise<Buffer | undefined> {
  signal.throwIfAborted();
  const ready = read(socket);
  if (ready !== undefined) return ready;
  if (socket.readableEnded || socket.destroyed) return undefined;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      for (const [name, listener] of listeners) socket.off(name, listener);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = settle(() => reject(signal.reason));
    const onEnd = settle(() => resolve(undefined));
    const onReadable = () => {
      const chunk = read(socket);
      if (chunk !== undefined) settle(() => resolve(chunk))();
    };
    const listeners = [
      ['readable', onReadable],
      ['end', onEnd],
      ['close', onEnd],
      ['error', onEnd],
    ] as const;
    for (const [name, listener] of listeners) socket.on(name, listener);
    signal.addEventListener('abort', onAbort);
  });
}
