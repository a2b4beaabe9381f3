import type { Socket } from 'node:net';
import { plainAddress, type Remote } from './address.ts';
import { MAX_FIRST_FRAME_BYTES, MAX_FRAME_BYTES, STUN_WRITE_RESERVE_BYTES } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { DropReason } from './counters.ts';
import type { Endpoint } from './endpoint.ts';
import { IcePortError } from './errors.ts';
import { encodeFrame, FrameReader } from './framing.ts';
import type { IceSession } from './ice-session.ts';
import { isStun, stunClass } from './stun.ts';

/** What a connection needs of the world. */
type ConnectionContext = Pick<IcePortContext, 'clock' | 'counters' | 'limits' | 'registry'>;

export interface TcpConnectionInit {
  readonly socket: Socket;
  readonly endpoint: Endpoint;
  /** Its first frame was proven, or it is closed before that. Called once. */
  readonly onSettled: (connection: TcpConnection) => void;
}

/**
 * One accepted TCP connection. Its first frame must be a Binding request made with a session's password; then it is
 * that session's. Frames are handed over while they are read and nothing is read meanwhile, so a receiver that is slow
 * slows the sender down. Writes are bounded: to a peer that does not read packets are dropped, as UDP would.
 */
export class TcpConnection {
  readonly endpoint: Endpoint;
  readonly remote: Remote;
  /** When its last bytes came, milliseconds of the clock. */
  heardAt: number;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader = new FrameReader(MAX_FIRST_FRAME_BYTES);
  readonly #onSettled: (connection: TcpConnection) => void;
  #session: IceSession | undefined;
  #unattachedBytes = 0;
  #corked = false;

  constructor(context: ConnectionContext, { socket, endpoint, onSettled }: TcpConnectionInit) {
    this.#context = context;
    this.#socket = socket;
    this.endpoint = endpoint;
    this.#onSettled = onSettled;
    this.heardAt = context.clock.now();
    this.remote = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
  }

  /** Begins to read; `firstBytes` were read before. */
  start(firstBytes?: Buffer): void {
    this.#socket.setNoDelay(true);
    // What breaks a connection is told by its close.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', this.#closed);
    this.#socket.on('end', () => this.#socket.destroy());
    if (firstBytes !== undefined && firstBytes.length > 0) this.#receive(firstBytes);
    if (this.#socket.destroyed) return;
    this.#socket.on('data', this.#receive);
    // It was paused when it was handed over.
    this.#socket.resume();
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  /** Bytes not yet written. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  /** Sends one packet in a frame. False: dropped, as the peer does not read or is gone. */
  send(packet: Uint8Array): boolean {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) return false;
    const reserve = packet[0] !== undefined && packet[0] < 4 ? STUN_WRITE_RESERVE_BYTES : 0;
    if (socket.writableLength + packet.length > this.#context.limits.writeBacklogBytes + reserve) {
      this.#context.counters.drop('backlog');
      return false;
    }
    this.#cork();
    socket.write(encodeFrame(packet));
    return true;
  }

  /** Frames of one turn go out in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes and counts why. */
  drop(reason: DropReason): void {
    if (this.#socket.destroyed) return;
    this.#context.counters.drop(reason);
    this.#socket.destroy();
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#session === undefined) this.#unattachedBytes += chunk.length;
    this.heardAt = this.#context.clock.now();
    try {
      for (const packet of this.#reader.read(chunk)) {
        if (this.#socket.destroyed) return;
        this.#packet(packet);
      }
    } catch (error) {
      if (!(error instanceof IcePortError)) throw error;
      this.drop('oversize');
    }
    // Endless empty frames are legal, and not what a peer of ours sends.
    if (this.#session === undefined && this.#unattachedBytes > MAX_FIRST_FRAME_BYTES) this.drop('oversize');
  };

  #packet(packet: Buffer): void {
    const stun = isStun(packet) ? stunClass(packet) : undefined;
    if (stun === 'request' || this.#session === undefined) this.#request(packet, stun === 'request');
    else if (stun === undefined) this.#session.handlers.onData(packet, this.remote, this.endpoint);
    else if (stun !== 'indication') this.#session.handlers.onResponse(packet, this.remote, this.endpoint);
  }

  #request(packet: Buffer, isRequest: boolean): void {
    const found = isRequest ? this.#context.registry.authenticate(packet) : 'bad-request';
    if (typeof found === 'string') {
      this.#refuse(found);
      return;
    }
    const { session, credentials } = found;
    if (this.#session !== undefined && this.#session !== session) {
      this.#refuse('bad-integrity');
      return;
    }
    this.#attach(session);
    session.handlers.onRequest(packet, this.remote, this.endpoint, session.generation(credentials));
  }

  /** A late check of a generation that ended is no reason to cut a connection in use; anything else is. */
  #refuse(reason: DropReason): void {
    if (this.#session === undefined) this.drop(reason);
    else this.#context.counters.drop(reason);
  }

  #attach(session: IceSession): void {
    if (this.#session !== undefined) return;
    this.#session = session;
    this.#reader.maxBytes = MAX_FRAME_BYTES;
    session.addConnection(this);
    this.#onSettled(this);
  }

  readonly #closed = (): void => {
    if (this.#session === undefined) this.#onSettled(this);
    else this.#session.removeConnection(this);
  };
}
