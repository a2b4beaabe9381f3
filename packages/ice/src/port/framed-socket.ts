import type { Socket } from 'node:net';
import type { Clock } from '@ouro/base';
import { packetKind } from '@ouro/stun';
import { CLOSE_TIMEOUT_MS, MAX_FRAME_BYTES, STUN_WRITE_RESERVE_BYTES, UNREF } from './constants.ts';
import { IcePortError } from './errors.ts';
import { encodeFrame, FrameReader } from './framing.ts';

export interface FramedSocketOptions {
  readonly clock: Clock;
  /** Bytes not yet written above which packets are dropped. */
  readonly writeBacklogBytes: number;
  /** Takes each packet. Must not throw. */
  readonly onPacket: (packet: Buffer) => void;
  /** Some bytes came, or (`oversize`) bytes that no peer sends; the socket is closed then. */
  readonly onBytes?: (count: number) => void;
  readonly onOversize?: () => void;
  /** A packet was dropped: the peer does not read. */
  readonly onBacklog?: () => void;
}

/**
 * Packets over one TCP connection (RFC 4571). They are handed over while they are read, and nothing is read meanwhile,
 * so that a receiver that is slow slows the sender down. To a peer that does not read packets are dropped, as UDP
 * would drop them: nothing grows.
 */
export class FramedSocket {
  readonly #socket: Socket;
  readonly #options: FramedSocketOptions;
  readonly #reader: FrameReader;
  #corked = false;
  #closing = false;

  constructor(socket: Socket, options: FramedSocketOptions, maxFrameBytes = MAX_FRAME_BYTES) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new FrameReader(maxFrameBytes);
    socket.setNoDelay(true);
    // What breaks a connection is told by its close.
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
  }

  /** Largest packet taken, bytes. */
  set maxFrameBytes(bytes: number) {
    this.#reader.maxBytes = bytes;
  }

  get closed(): boolean {
    return this.#closing || this.#socket.destroyed;
  }

  /** Begins to read; `firstBytes` were read before. */
  start(firstBytes?: Buffer): void {
    if (firstBytes !== undefined && firstBytes.length > 0) this.#receive(firstBytes);
    if (this.closed) return;
    this.#socket.on('data', this.#receive);
    // It was paused when it was handed over.
    this.#socket.resume();
  }

  /** Sends one packet in a frame. False: dropped, as the peer does not read or is gone. */
  send(packet: Buffer): boolean {
    const socket = this.#socket;
    if (this.closed || !socket.writable) return false;
    const reserve = packetKind(packet) === 'data' ? 0 : STUN_WRITE_RESERVE_BYTES;
    if (socket.writableLength + packet.length > this.#options.writeBacklogBytes + reserve) {
      this.#options.onBacklog?.();
      return false;
    }
    this.#cork();
    socket.write(encodeFrame(packet));
    return true;
  }

  /** Closes when what was sent is written, as the last words of DTLS, at most `CLOSE_TIMEOUT_MS` later. Twice is once. */
  close(): void {
    if (this.closed) return;
    this.#closing = true;
    const socket = this.#socket;
    socket.off('data', this.#receive);
    if (socket.connecting || socket.writableLength === 0) {
      socket.destroy();
      return;
    }
    const cancel = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => socket.destroy(), UNREF);
    socket.once('close', cancel);
    if (this.#corked) socket.uncork();
    socket.destroySoon();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Packets of one turn go out in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  readonly #receive = (chunk: Buffer): void => {
    try {
      for (const packet of this.#reader.read(chunk)) {
        if (this.closed) return;
        this.#options.onPacket(packet);
      }
    } catch (error) {
      if (!(error instanceof IcePortError)) throw error;
      this.#options.onOversize?.();
      this.destroy();
      return;
    }
    this.#options.onBytes?.(chunk.length);
  };
}
