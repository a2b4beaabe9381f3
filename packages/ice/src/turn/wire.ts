import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { TransportAddress } from '@ouro/base/node';
import type { TurnServer } from '../ice-servers.ts';
import { type IceSocket, udpSockets } from '../socket.ts';
import { MAX_TURN_BACKLOG_BYTES, TURN_CLOSE_TIMEOUT_MS } from './constants.ts';
import { padded, streamSplitter } from './stream.ts';

/** A connection with a TURN server: datagrams to and from it, whatever carries them. */
export interface TurnWire {
  readonly socket: IceSocket;
  readonly server: TransportAddress;
  /** Nothing gets lost on it, so nothing is sent twice. */
  readonly reliable: boolean;
}

export interface WireOptions {
  readonly onMessage: (message: Buffer) => void;
  /** Ends the connecting; what is connected is closed by its own `close`. */
  readonly signal: AbortSignal;
}

/** Connects with a server at one of its addresses, in the way that its URL says. Rejects if that fails. */
export async function openWire(server: TurnServer, address: string, options: WireOptions): Promise<TurnWire> {
  options.signal.throwIfAborted();
  return server.transport === 'udp'
    ? openUdp(server, address, options)
    : openStream(server, address, options);
}

async function openUdp(
  { port }: TurnServer,
  address: string,
  { onMessage, signal }: WireOptions,
): Promise<TurnWire> {
  const server = { address, port };
  let socket: IceSocket | undefined;
  const user = {
    ufrag: '',
    pwd: '',
    onDatagram: (_: IceSocket, datagram: Buffer, from: TransportAddress) => {
      if (from.address === address && from.port === port) onMessage(datagram);
    },
  };
  await udpSockets([isIP(address) === 6 ? '::' : '0.0.0.0']).open(user, (opened) => {
    socket = opened;
  });
  if (signal.aborted) socket?.close();
  signal.throwIfAborted();
  if (socket === undefined) throw new Error('no socket could be bound');
  return { socket, server, reliable: false };
}

async function openStream(server: TurnServer, address: string, options: WireOptions): Promise<TurnWire> {
  const { host, port, transport } = server;
  const stream =
    transport === 'tls'
      ? await dialTls({ address, port, host }, options.signal)
      : await connected(connectTcp({ host: address, port }), 'connect', options.signal);
  stream.setNoDelay(true);
  const split = streamSplitter(options.onMessage);
  stream.on('data', (bytes: Buffer) => {
    if (!split(bytes)) stream.destroy();
  });
  const local = { address: stream.localAddress ?? '', port: stream.localPort ?? 0 };
  return { socket: new StreamSocket(local, stream), server: { address, port }, reliable: true };
}

interface TlsServer extends TransportAddress {
  /** What its certificate must name. */
  readonly host: string;
}

/**
 * Reading the system's authorities costs 80 ms, so they are asked where the built-in ones do not know the issuer. The module is
 * loaded here: most connections do without it, and a person waits for them.
 */
async function dialTls({ address, port, host }: TlsServer, signal: AbortSignal): Promise<Socket> {
  const tls = await import('node:tls');
  const options = { host: address, port, ...(isIP(host) === 0 ? { servername: host } : {}) };
  try {
    return await connected(tls.connect(options), 'secureConnect', signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && UNKNOWN_ISSUER.has(error.code))) throw error;
    return connected(tls.connect({ ...options, ca: allAuthorities(tls) }), 'secureConnect', signal);
  }
}

const UNKNOWN_ISSUER: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The built-in authorities, `NODE_EXTRA_CA_CERTS`, and those of the system. */
function allAuthorities(tls: typeof import('node:tls')): string[] {
  // Not there before Node 22.15.
  if (typeof tls.getCACertificates !== 'function') return [...tls.rootCertificates];
  return [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
}

/** Resolves at the event; a stream that fails before is destroyed. */
async function connected(stream: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  stream.once(event, () => resolve());
  // It stays for good: an error of a connection in use ends it, and consent on its pairs runs out.
  stream.on('error', reject);
  stream.once('close', () => reject(new Error('the server hung up')));
  signal.addEventListener('abort', abort, { once: true });
  try {
    await promise;
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
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
    this.#stream.removeAllListeners('data');
    // What waits to be written goes first, to a server that takes it.
    this.#stream.setTimeout(TURN_CLOSE_TIMEOUT_MS, () => this.#stream.destroy());
    this.#stream.end(() => this.#stream.destroy());
  }
}
