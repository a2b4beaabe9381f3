import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { encodeCheck, encodeCheckAnswer, type IceCredentials } from '../../src/ice/checks.ts';
import { decodeStun, newTransactionId } from '../../src/ice/stun.ts';
import { encodeFrame, FrameReader } from '../../src/ice-port/framing.ts';
import type { Clock, IcePort, IceSession } from '../../src/ice-port/index.ts';

export const HOST = '127.0.0.1';
/** The far end of every test. */
const FAR: IceCredentials = { ufrag: 'farFarFar', pwd: 'farPasswordOfTwentyTwo+' };

/** Time that passes when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #tasks = new Set<{ at: number; task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#tasks.size;
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#tasks.delete(next);
      this.#now = next.at;
      next.task();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; task: () => void } | undefined {
    return [...this.#tasks].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Credentials that no other test has. */
export function credentials(name: string): IceCredentials {
  return { ufrag: `ufrag${name}`, pwd: `passwordWithTwentyTwo+${name}` };
}

/** A session that answers each check and sends all else back. */
export function echoSession(port: IcePort, local: IceCredentials): IceSession {
  const session = port.register(local, (packet, remote, endpoint) => {
    const check = decodeStun(packet);
    const answer = check === undefined ? packet : encodeCheckAnswer(check.transactionId, remote, local);
    session.send(endpoint, remote, answer);
  });
  return session;
}

/** A connectivity check as a peer sends it to the session with these credentials. */
export function check(to: IceCredentials, transactionId = newTransactionId()): Buffer {
  const role = { controlling: true, tieBreaker: 7n, useCandidate: false, priority: 1 };
  return encodeCheck(transactionId, { local: FAR, remote: to, ...role });
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
  readonly #reader = new FrameReader(65_535);
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(...this.#reader.read(chunk));
      this.#wake();
    });
  }

  static async open(port: number): Promise<TcpFar> {
    const far = new TcpFar(createConnection({ host: HOST, port }));
    await once(far.socket, 'connect');
    return far;
  }

  send(packet: Buffer): void {
    this.socket.write(encodeFrame(packet));
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
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
