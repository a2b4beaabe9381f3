import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import {
  LOCAL_IDLE_TIMEOUT_MS,
  LOCAL_LINGER_MS,
  MAX_LOCAL_CONNECTIONS,
  MAX_LOCAL_LINE_BYTES,
} from '../base/constants.ts';
import { AgentError, reasonOf } from '../base/errors.ts';
import { writeTo } from './accept-stream.ts';
import { LineReader } from './line-reader.ts';
import { decodeLine, encodeLine, type Reply, type Request, RequestSchema, toRefusal } from './protocol.ts';

/** What the agent does for its user on this machine. Each may throw; an AgentError's words are told. */
export interface LocalHandlers {
  /** Anything but `accept`. @returns the result for the reply */
  request(request: Exclude<Request, { type: 'accept' }>, options: { signal: AbortSignal }): Promise<unknown>;
  /** Asked before `accept` is confirmed. @throws AgentError when it cannot be */
  admit(): void;
  /** The connection as a pipe of signals, after the reply. Never rejects; the connection ends when it resolves. */
  accept(socket: Socket, options: { signal: AbortSignal }): Promise<void>;
  /** A failure that is nobody's fault but the agent's. */
  failed(error: unknown): void;
}

/** Settings of a LocalServer. */
export interface LocalServerOptions {
  readonly idleTimeoutMs?: number;
  readonly maxConnections?: number;
}

/** The agent's unix socket. */
export class LocalServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #handlers: LocalHandlers;
  readonly #idleTimeoutMs: number;
  readonly #sockets = new Map<Socket, Promise<void>>();
  readonly #shutdown = new AbortController();

  private constructor(handlers: LocalHandlers, options: LocalServerOptions) {
    this.#handlers = handlers;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? LOCAL_IDLE_TIMEOUT_MS;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#take(socket));
    this.#server.maxConnections = options.maxConnections ?? MAX_LOCAL_CONNECTIONS;
  }

  /**
   * Listens on `path`, in a directory that only the user can enter. The caller holds the agent's lock, so a socket
   * that is there is a dead agent's and is removed.
   *
   * @throws AgentError `cannot-create`
   */
  static async listen(
    path: string,
    handlers: LocalHandlers,
    options: LocalServerOptions = {},
  ): Promise<LocalServer> {
    const server = new LocalServer(handlers, options);
    await rm(path, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.#server.once('error', reject);
    server.#server.listen(path, resolve);
    await promise.catch((cause: unknown) => {
      throw new AgentError('cannot-create', `Cannot listen on ${path} (${reasonOf(cause)})`, { cause });
    });
    server.#server.off('error', reject);
    server.#server.on('error', (error) => handlers.failed(error));
    await chmod(path, 0o600);
    return server;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  #take(socket: Socket): void {
    socket.on('error', () => {});
    const served = this.#serve(socket)
      .catch((error: unknown) => this.#handlers.failed(error))
      .finally(() => {
        this.#sockets.delete(socket);
        socket.destroySoon();
      });
    this.#sockets.set(socket, served);
  }

  async #serve(socket: Socket): Promise<void> {
    const reader = new LineReader(socket, MAX_LOCAL_LINE_BYTES);
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.#shutdown.signal]);
    for (;;) {
      const request = await this.#next(reader, signal).catch((thrown: unknown) => toRefusal(thrown));
      if (request === undefined || socket.destroyed) return;
      if ('ok' in request) return this.#reply(socket, request);
      const reply = await this.#answer(request, signal);
      await this.#reply(socket, reply);
      if (request.type === 'accept' && reply.ok) {
        await this.#handlers.accept(socket, { signal });
        return linger(socket, signal);
      }
    }
  }

  async #next(reader: LineReader, signal: AbortSignal): Promise<Request | undefined> {
    const idle = AbortSignal.timeout(this.#idleTimeoutMs);
    try {
      const line = await reader.next({ signal: AbortSignal.any([signal, idle]) });
      return line === undefined ? undefined : decodeLine(RequestSchema, line);
    } catch (thrown) {
      if (signal.aborted) return undefined;
      if (idle.aborted) throw new AgentError('timeout', 'Nothing was asked on this connection for too long');
      throw thrown;
    }
  }

  async #answer(request: Request, signal: AbortSignal): Promise<Reply> {
    try {
      if (request.type !== 'accept') {
        return { ok: true, result: (await this.#handlers.request(request, { signal })) ?? null };
      }
      this.#handlers.admit();
      return { ok: true, result: null };
    } catch (thrown) {
      if (toRefusal(thrown).code === 'internal') this.#handlers.failed(thrown);
      return toRefusal(thrown);
    }
  }

  /** A client that went away without waiting needs no reply. */
  async #reply(socket: Socket, reply: Reply): Promise<void> {
    await writeTo(socket, encodeLine(reply)).catch(() => {});
  }

  /** Stops listening, ends every connection and removes the socket's file. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#shutdown.abort();
    await Promise.all(this.#sockets.values());
    await closed;
  }
}

/**
 * Ends our half, and takes in what is still under way until the far end has closed: a connection that is closed before
 * fails the far end's next write, and with that it loses our last word.
 */
async function linger(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.on('data', () => {});
  socket.end();
  if (socket.destroyed) return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOCAL_LINGER_MS)]);
  await once(socket, 'close', { signal: limit }).catch(() => {});
}
