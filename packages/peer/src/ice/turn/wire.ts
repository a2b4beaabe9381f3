import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TurnServer } from '../ice-servers.ts';
import { type IceSocket, udpSockets } from '../socket.ts';
import type { TransportAddress } from '../stun-address.ts';
import { MAX_TURN_BACKLOG_BYTES, MAX_TURN_MESSAGE_BYTES, TURN_TIMEOUT_MS } from './constants.ts';

/** A connection with a TURN server: datagrams to and from it, whatever carries them. */
export interface TurnWire {
  readonly socket: IceSocket;
  readonly server: TransportAddress;
  /** Nothing gets lost on it, so nothing is sent twice. */
  readonly reliable: boolean;
}

export interface WireOptions {
  readonly onMessage: (message: Buffer) => void;
  readonly signal: AbortSignal;
}

/** Connects with a server, in the way that its URL says. Rejects if that fails. */
export async function openWire(server: TurnServer, options: WireOptions): Promise<TurnWire> {
  return server.transport === 'udp' ? openUdp(server, options) : openStream(server, options);
}

async function openUdp({ host, port }: TurnServer, { onMessage, signal }: WireOptions): Promise<TurnWire> {
  const { address, family } = await lookup(host);
  const server = { address, port };
  let socket: IceSocket | undefined;
  const user = {
    ufrag: '',
    pwd: '',
    onDatagram: (_: IceSocket, datagram: Buffer, from: TransportAddress) => {
      if (from.address === address && from.port === port) onMessage(datagram);
    },
  };
  await udpSockets([family === 6 ? '::' : '0.0.0.0']).open(user, (opened) => {
    socket = opened;
  });
  if (signal.aborted) socket?.close();
  signal.throwIfAborted();
  if (socket === undefined) throw new Error('No socket could be bound');
  return { socket, server, reliable: false };
}

async function openStream(server: TurnServer, { onMessage, signal }: WireOptions): Promise<TurnWire> {
  const { host, port } = server;
  const servername = isIPv6(host) ? {} : { servername: host };
  const stream =
    server.transport === 'tls' ? connectTls({ host, port, ...servername }) : connectTcp({ host, port });
  try {
    await connected(stream, server.transport === 'tls' ? 'secureConnect' : 'connect', signal);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  stream.setNoDelay(true);
  const split = splitter(onMessage);
  stream.on('data', (bytes: Buffer) => {
    if (!split(bytes)) stream.destroy();
  });
  const local = { address: stream.localAddress ?? '', port: stream.localPort ?? 0 };
  return { socket: new StreamSocket(local, stream), server: { address: host, port }, reliable: true };
}

function connected(stream: Socket, event: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('The server does not answer')), TURN_TIMEOUT_MS);
  const abort = (): void => reject(signal.reason);
  stream.once(event, () => resolve());
  // It stays for good: an error of a connection in use ends it, and consent on its pairs runs out.
  stream.on('error', reject);
  signal.addEventListener('abort', abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  });
}

class StreamSocket implements IceSocket {
  readonly local: TransportAddress;
  readonly #stream: Socket;

  constructor(local: TransportAddress, stream: Socket) {
    this.local = local;
    this.#stream = stream;
  }

  send(message: Buffer): void {
    if (this.#stream.writable && this.#stream.writableLength < MAX_TURN_BACKLOG_BYTES) {
      this.#stream.write(padded(message));
    }
  }

  close(): void {
    this.#stream.end(() => this.#stream.destroy());
  }
}

/** Over a stream every message is a multiple of four bytes long (RFC 8656 section 12.5). */
function padded(message: Buffer): Buffer {
  const rest = message.length % 4;
  return rest === 0 ? message : Buffer.concat([message, Buffer.alloc(4 - rest)]);
}

/** Cuts a stream into STUN messages and ChannelData. @returns false once the bytes are neither */
function splitter(onMessage: (message: Buffer) => void): (bytes: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 4) {
      const isChannelData = (rest[0] ?? 0) >>> 6 === 1;
      const length = rest.readUInt16BE(2) + (isChannelData ? 4 : 20);
      const whole = (length + 3) & ~3;
      if ((rest[0] ?? 0) >>> 6 > 1 || whole > MAX_TURN_MESSAGE_BYTES) return false;
      if (rest.length < whole) return true;
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(whole);
    }
    return true;
  };
}
