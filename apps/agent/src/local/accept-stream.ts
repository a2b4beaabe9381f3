import type { Socket } from 'node:net';
import type { ByteDuplex } from '@ouro/base/node';
import { nextChunk } from './line-reader.ts';
import { encodeLine, type Reply, toRefusal } from './protocol.ts';

async function* chunksUntil(socket: Socket, { signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
  while (!signal.aborted) {
    const chunk = await nextChunk(socket, { signal }).catch(() => undefined);
    if (chunk === undefined) return;
    yield chunk;
  }
}

/** Resolves when the socket has taken the bytes. @throws Error when it is closed */
export const writeTo = (socket: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    if (socket.destroyed || socket.writableEnded) return reject(new Error('the connection is closed'));
    const onClose = () => reject(new Error('the connection was closed'));
    socket.once('close', onClose);
    socket.write(bytes, (error) => {
      socket.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });

/**
 * A local connection as the stream of an `accept` pipe. Its end stops the reading and says the agent's last word, the
 * verdict of the conversation, but leaves the connection open.
 */
export function acceptStream(socket: Socket): ByteDuplex {
  const over = new AbortController();
  return {
    readable: chunksUntil(socket, over),
    write: (bytes) => writeTo(socket, bytes),
    end: async (reason) => {
      over.abort();
      const verdict: Reply = reason === undefined ? { ok: true, result: null } : toRefusal(reason);
      await writeTo(socket, encodeLine(verdict)).catch(() => {});
    },
  };
}
