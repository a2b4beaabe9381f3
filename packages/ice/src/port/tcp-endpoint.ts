import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { IcePortContext } from './context.ts';
import type { StreamEndpoint } from './endpoint.ts';
import { fromSystem, IcePortError } from './errors.ts';
import type { PendingSockets } from './pending-sockets.ts';
import { TcpConnection } from './tcp-connection.ts';

/** One local TCP address for all peers: own listener, or the place of one whose sockets are handed over. */
export class TcpEndpoint implements StreamEndpoint {
  readonly transport = 'tcp';
  readonly address: string;
  readonly port: number;
  readonly #server: Server | undefined;
  readonly #context: IcePortContext;
  readonly #pending: PendingSockets;
  readonly #connections = new Set<TcpConnection>();

  private constructor(init: TcpEndpointInit, address: string, port: number, server?: Server) {
    this.#context = init.context;
    this.#pending = init.pending;
    this.address = address;
    this.port = port;
    this.#server = server;
    server?.on('connection', (socket) => this.accept(socket));
    server?.on('error', (err) => init.context.logger.warn({ err, address }, 'TCP error'));
  }

  /** Listens; `port` 0 takes a free one. @throws IcePortError */
  static async open(init: TcpEndpointInit, address: string, port: number): Promise<TcpEndpoint> {
    const server = createServer({ noDelay: true });
    try {
      server.listen({ host: address, port, ipv6Only: true });
      await once(server, 'listening');
    } catch (error) {
      throw fromSystem(`TCP port ${port} of ${address}`, error);
    }
    const bound = server.address();
    if (bound === null || typeof bound === 'string')
      throw new IcePortError('closed', 'The listener was closed');
    return new TcpEndpoint(init, address, bound.port, server);
  }

  /** For sockets that some other listener at this address hands over. */
  static handedOver(init: TcpEndpointInit, address: string, port: number): TcpEndpoint {
    return new TcpEndpoint(init, address, port);
  }

  /** Connections at this address, proven or not. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes a socket; `firstBytes` were read from it before. */
  accept(socket: Socket, firstBytes?: Buffer): void {
    const connection = new TcpConnection(this.#context, {
      socket,
      endpoint: this,
      onSettled: (settled) => this.#pending.remove(settled),
    });
    if (socket.destroyed || connection.remote.address === '') {
      socket.destroy();
      return;
    }
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    this.#pending.add(connection);
    connection.start(firstBytes);
  }

  /** Closes connections that were silent since `since` (milliseconds of the clock). */
  closeIdle(since: number): void {
    for (const connection of this.#connections) if (connection.heardAt < since) connection.drop('idle');
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    if (this.#server === undefined) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

export interface TcpEndpointInit {
  readonly context: IcePortContext;
  readonly pending: PendingSockets;
}
