import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createSharedTcpServer, type StunTaker } from '@ouro/ice/port';
import type { TlsMaterial } from '@ouro/transport-whip/server';
import { HTTP_KEEP_ALIVE_MS, HTTP_REQUEST_TIMEOUT_MS } from '../base/constants.ts';

/** What an HTTP server of the agent is made with. */
export interface HttpServerOptions {
  /** Takes the connections that begin with STUN. */
  readonly icePort: StunTaker;
  /** HTTPS, with this certificate. */
  readonly tls: TlsMaterial | undefined;
  /** Holds the connections that have not said what they are, for whoever closes the server. */
  readonly undecidedSockets: Set<Socket>;
}

/**
 * An HTTP or HTTPS server, not yet listening, that hands over the connections which do not speak its protocol but STUN
 * (RFC 6544), and takes all others as any such server does, with the same timeouts.
 */
export function createHttpServer(
  handler: RequestListener,
  { icePort, tls, undecidedSockets }: HttpServerOptions,
): HttpServer | HttpsServer {
  const timeouts = {
    requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
    keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
    noDelay: true,
  };
  const server = tls === undefined ? createServer(timeouts) : createHttpsServer({ ...timeouts, ...tls });
  server.on('request', handler);
  // Its own listeners take a connection only after it was looked into.
  const [...own] = server.listeners('connection');
  server.removeAllListeners('connection');
  const sorter = createSharedTcpServer({
    icePort: {
      attach: (socket, firstBytes) => {
        undecidedSockets.delete(socket);
        icePort.attach(socket, firstBytes);
      },
    },
    http: {
      emit: (_event, socket) => {
        undecidedSockets.delete(socket);
        for (const take of own) take.call(server, socket);
        return own.length > 0;
      },
    },
  });
  server.on('connection', (socket) => {
    undecidedSockets.add(socket);
    socket.once('close', () => undecidedSockets.delete(socket));
    sorter.emit('connection', socket);
  });
  return server;
}
