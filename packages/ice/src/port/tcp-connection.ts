import type { Socket } from 'node:net';
import { packetKind } from '@ouro/stun';
import { plainAddress, type Remote, withoutZone } from './address.ts';
import { MAX_FIRST_FRAME_BYTES, MAX_FRAME_BYTES } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { DropReason } from './counters.ts';
import type { StreamEndpoint } from './endpoint.ts';
import { FramedSocket } from './framed-socket.ts';
import { PathOwners } from './path-owners.ts';
import type { Connection, PortSession } from './session.ts';

export interface TcpConnectionInit {
  readonly socket: Socket;
  readonly endpoint: StreamEndpoint;
  /** It has proven itself, or is closed before that. Called once or more. */
  readonly onSettled: (connection: TcpConnection) => void;
}

/** One accepted TCP connection. Its first frame must be a Binding request made with a session's password. */
export class TcpConnection implements Connection {
  readonly endpoint: StreamEndpoint;
  readonly remote: Remote;
  /** When its last bytes came, milliseconds of the clock. */
  heardAt: number;
  readonly #context: IcePortContext;
  readonly #owners = new PathOwners();
  readonly #onSettled: (connection: TcpConnection) => void;
  readonly #framed: FramedSocket;
  #unprovenBytes = 0;

  constructor(context: IcePortContext, { socket, endpoint, onSettled }: TcpConnectionInit) {
    this.#context = context;
    this.endpoint = endpoint;
    this.#onSettled = onSettled;
    this.heardAt = context.clock.now();
    const address = withoutZone(plainAddress(socket.remoteAddress ?? ''));
    this.remote = { address, port: socket.remotePort ?? 0 };
    this.#framed = new FramedSocket(
      socket,
      {
        clock: context.clock,
        writeBacklogBytes: context.limits.writeBacklogBytes,
        onPacket: (packet) => this.#packet(packet),
        onBytes: (count) => this.#bytes(count),
        onOversize: () => this.drop('oversize'),
        onBacklog: () => context.counters.drop('backlog'),
      },
      MAX_FIRST_FRAME_BYTES,
    );
    socket.on('close', this.#closed);
  }

  /** Begins to read; `firstBytes` were read before. */
  start(firstBytes?: Buffer): void {
    this.#framed.start(firstBytes);
  }

  /** Sends one packet. False: dropped, as the peer does not read or is gone. */
  send(packet: Buffer): boolean {
    return this.#framed.send(packet);
  }

  /** The session ends; a connection that no session has is closed. */
  leave(session: PortSession): void {
    this.#owners.remove(session);
    session.removeConnection(this);
    if (this.#owners.none) this.close();
  }

  close(): void {
    this.#framed.close();
  }

  /** Closes and counts why. */
  drop(reason: DropReason): void {
    if (this.#framed.closed) return;
    this.#context.counters.drop(reason);
    this.#framed.destroy();
  }

  /** Endless empty frames are legal, and not what a peer sends before its first check. */
  #bytes(count: number): void {
    this.heardAt = this.#context.clock.now();
    if (!this.#owners.none) return;
    this.#unprovenBytes += count;
    if (this.#unprovenBytes > MAX_FIRST_FRAME_BYTES) this.drop('oversize');
  }

  #packet(packet: Buffer): void {
    const kind = packetKind(packet);
    if (kind === 'request') this.#request(packet);
    else if (this.#owners.none) this.drop('bad-request');
    else if (kind !== 'indication') this.#deliver(packet);
  }

  #deliver(packet: Buffer): void {
    for (const session of this.#owners.sessions) session.onPacket(packet, this.remote, this.endpoint);
  }

  #request(packet: Buffer): void {
    const proven = this.#context.registry.authenticate(packet);
    if (typeof proven !== 'string') {
      this.#prove(proven.session);
      proven.session.onPacket(packet, this.remote, this.endpoint, proven.message);
      // A late check of a generation that ended is no reason to cut a connection in use.
    } else if (this.#owners.none) this.drop(proven);
    else this.#context.counters.drop(proven);
  }

  #prove(session: PortSession): void {
    if (this.#owners.none) {
      this.#framed.maxFrameBytes = MAX_FRAME_BYTES;
      this.#onSettled(this);
    }
    if (this.#owners.has(session)) return;
    this.#owners.add(session)?.removeConnection(this);
    session.addConnection(this);
  }

  readonly #closed = (): void => {
    this.#onSettled(this);
    for (const session of this.#owners.sessions) session.removeConnection(this);
  };
}
