import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '@ouro/base';
import { plainAddress, subscriber } from './address.ts';
import { MAX_PENDING_PER_ADDRESS, MAX_PENDING_SOCKETS, SNIFF_TIMEOUT_MS, UNREF } from './constants.ts';
import { firstBytes } from './first-bytes.ts';

/** Where HTTP connections go: a `http.Server` (or `https.Server`) that does not listen itself. */
export interface HttpServerLike {
  emit(event: 'connection', socket: Socket): boolean;
}

/** Where STUN connections go. */
export interface StunTaker {
  attach(socket: Socket, firstBytes?: Buffer): void;
}

/** Whom a shared TCP server hands its connections to, and its caps. */
export interface SharedTcpServerOptions {
  readonly http: HttpServerLike;
  readonly icePort: StunTaker;
  /** Milliseconds until a connection must have said what it is. Default `SNIFF_TIMEOUT_MS`. */
  readonly sniffMs?: number;
  /** Connections that have not, in all. Default `MAX_PENDING_SOCKETS`; the oldest makes place. */
  readonly pendingSockets?: number;
  /** The same from one address. Default `MAX_PENDING_PER_ADDRESS`. */
  readonly pendingPerAddress?: number;
  readonly clock?: Clock;
}

/**
 * A TCP server, not yet listening, on whose port both HTTP and ICE-TCP are served: it reads the first bytes of each
 * connection, gives those that begin with a framed Binding request to the ICE port, and all others, unread, to the HTTP
 * server.
 */
export function createSharedTcpServer(options: SharedTcpServerOptions): Server {
  const sorter = new Sorter(options);
  return createServer({ noDelay: true, keepAlive: true }, (socket) => sorter.sort(socket));
}

/** Connections between accept and their first bytes. */
class Sorter {
  readonly #options: SharedTcpServerOptions;
  readonly #clock: Clock;
  readonly #waiting = new Map<Socket, { address: string; cancel: () => void }>();

  constructor(options: SharedTcpServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  sort(socket: Socket): void {
    const address = subscriber(plainAddress(socket.remoteAddress ?? ''));
    this.#makePlace(address);
    const leave = (): void => this.#leave(socket);
    const cancel = this.#clock.after(
      this.#options.sniffMs ?? SNIFF_TIMEOUT_MS,
      () => socket.destroy(),
      UNREF,
    );
    this.#waiting.set(socket, { address, cancel });
    let held: Buffer = Buffer.alloc(0);
    const look = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const kind = firstBytes(held);
      if (kind === 'undecided') return;
      socket.pause().off('data', look).off('close', leave);
      leave();
      this.#handOver(socket, held, kind);
    };
    socket.on('error', ignore).once('close', leave).on('data', look);
  }

  #handOver(socket: Socket, bytes: Buffer, kind: 'stun' | 'other'): void {
    if (kind === 'stun') {
      this.#options.icePort.attach(socket, bytes);
    } else {
      socket.unshift(bytes);
      this.#options.http.emit('connection', socket);
      // Only when the HTTP server has its listeners on: what it was given is not to be lost.
      process.nextTick(() => socket.resume());
    }
    socket.off('error', ignore);
  }

  #makePlace(address: string): void {
    const { pendingSockets = MAX_PENDING_SOCKETS, pendingPerAddress = MAX_PENDING_PER_ADDRESS } =
      this.#options;
    const siblings = [...this.#waiting].filter(([, waiting]) => waiting.address === address);
    if (siblings.length >= pendingPerAddress) siblings[0]?.[0].destroy();
    if (this.#waiting.size >= pendingSockets) this.#waiting.keys().next().value?.destroy();
  }

  #leave(socket: Socket): void {
    this.#waiting.get(socket)?.cancel();
    this.#waiting.delete(socket);
  }
}

function ignore(): void {
  // What broke the connection is told by its close.
}
