import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const LENGTH_BYTES = 2;

/** A packet with its length in front (RFC 4571), as a far end writes it. */
export function frame(packet: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}

/** A UDP socket of a far end. */
export class UdpFar implements AsyncDisposable {
  readonly socket: UdpSocket = createSocket('udp4');
  readonly received: Buffer[] = [];
  readonly #port: number;
  #wake: () => void = () => undefined;

  private constructor(port: number) {
    this.#port = port;
    this.socket.on('message', (packet) => {
      this.received.push(packet);
      this.#wake();
    });
  }

  static async open(port: number): Promise<UdpFar> {
    const far = new UdpFar(port);
    far.socket.bind(0, HOST);
    await once(far.socket, 'listening');
    return far;
  }

  async send(packet: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.send(packet, this.#port, HOST, () => resolve());
    await promise;
  }

  /** The next packet that comes. */
  async next(): Promise<Buffer> {
    for (let packet = this.received.shift(); ; packet = this.received.shift()) {
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

/** A TCP connection of a far end. */
export class TcpFar implements AsyncDisposable {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #received: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#takeFrames();
      this.#wake();
    });
  }

  static async open(port: number): Promise<TcpFar> {
    const far = new TcpFar(createConnection({ host: HOST, port }));
    await once(far.socket, 'connect');
    return far;
  }

  send(packet: Buffer): void {
    this.socket.write(frame(packet));
  }

  async next(): Promise<Buffer> {
    for (let packet = this.#received.shift(); ; packet = this.#received.shift()) {
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #takeFrames(): void {
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) return;
      this.#received.push(this.#rest.subarray(LENGTH_BYTES, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}
