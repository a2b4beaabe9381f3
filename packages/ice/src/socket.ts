import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { type Random, randomFraction } from '@ouro/base';
import { canonicalAddress, systemRandom, type TransportAddress, withoutZone } from '@ouro/base/node';
import type { StunMessage } from '@ouro/stun';
import { literalLookup } from './literal-lookup.ts';

/** RFC 6544 section 4.5: who dials. */
export type TcpType = 'active' | 'passive';

/**
 * Where an ICE agent sends and receives at one local address. One of its own here; a share of a port that many agents
 * use, a TCP end or a relay has the same form.
 */
export interface IceSocket {
  /** Port 9 for a TCP end that only dials (RFC 6544 section 4.5). */
  readonly local: TransportAddress;
  /** Absent for UDP. Over TCP, framing (RFC 4571) and dialing are the socket's own work. */
  readonly tcpType?: TcpType;
  /** It is an address on a relay (RFC 8656). */
  readonly relay?: RelayPath;
  /** Other addresses at which this one is reached, as by a static NAT: announced, and nothing else. */
  readonly alsoAt?: readonly TransportAddress[];
  /** Sends one datagram; may lose it. Never throws, also after `close`. */
  send(datagram: Buffer, to: TransportAddress): void;
  /** A pair is selected: connections with others than `remote` are of no use any more (RFC 6544 section 8.1). */
  settle?(remote: TransportAddress | undefined): void;
  close(): void;
}

/** How the relay is reached. */
export interface RelayPath {
  /** Where it sees us. */
  readonly related: TransportAddress;
  /** W3C `RTCIceCandidateStats.relayProtocol`. */
  readonly protocol: 'udp' | 'tcp' | 'tls';
}

/**
 * Takes each datagram that a socket gets. `proven`: it is a Binding request that the socket has decoded itself, with a right
 * FINGERPRINT and with MESSAGE-INTEGRITY by the user's password; nobody checks that again. Never throws.
 */
export type OnDatagram = (
  socket: IceSocket,
  datagram: Buffer,
  from: TransportAddress,
  proven?: StunMessage,
) => void;

/** For whom sockets are opened: a shared port tells its agents apart by these. */
export interface SocketUser {
  readonly ufrag: string;
  readonly pwd: string;
  readonly onDatagram: OnDatagram;
}

/** Gives sockets, each of which becomes a host candidate. */
export interface IceSocketSource {
  /** Gives each socket to `onSocket` as soon as it is open; resolves when there will be no more. Never rejects. */
  open(user: SocketUser, onSocket: (socket: IceSocket) => void): Promise<void>;
}

/** UDP sockets bound to one address each, on any free port or on one of `portRange` (both ends included). */
export function udpSockets(
  addresses: readonly string[],
  portRange?: readonly [min: number, max: number],
  random: Random = systemRandom,
): IceSocketSource {
  return {
    async open({ onDatagram }, onSocket) {
      await Promise.all(
        addresses.map(async (address) => {
          // An address that cannot be bound (it went away, all ports are taken) is no candidate; others may be.
          const socket = await bind(address, portRange, random).catch(() => undefined);
          if (socket !== undefined) onSocket(new UdpSocket(socket, onDatagram));
        }),
      );
    },
  };
}

class UdpSocket implements IceSocket {
  readonly local: TransportAddress;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket, onDatagram: OnDatagram) {
    const { address, port } = socket.address();
    this.local = { address: canonicalAddress(address), port };
    this.#socket = socket;
    // An address that went away or a far port that is shut: the check or the consent on it runs out of time.
    socket.on('error', ignore);
    socket.on('message', (datagram, { address: from, port: fromPort }) => {
      if (!this.#closed) onDatagram(this, datagram, { address: withoutZone(from), port: fromPort });
    });
  }

  send(datagram: Buffer, { address, port }: TransportAddress): void {
    // The callback takes the error, which would else be an event of the socket.
    if (!this.#closed) this.#socket.send(datagram, port, address, ignore);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function ignore(): void {}

async function bind(
  address: string,
  range: readonly [number, number] | undefined,
  random: Random,
): Promise<Socket> {
  if (range === undefined) return bindTo(address, 0);
  const [min, max] = range;
  const count = max - min + 1;
  const first = Math.floor(randomFraction(random) * count);
  let refused: unknown;
  for (let i = 0; i < count; i += 1) {
    try {
      return await bindTo(address, min + ((first + i) % count));
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

function bindTo(address: string, port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createSocket(
    isIPv4(address)
      ? { type: 'udp4', lookup: literalLookup(4) }
      : { type: 'udp6', ipv6Only: true, lookup: literalLookup(6) },
  );
  socket.once('error', (error) => {
    socket.close();
    reject(error);
  });
  socket.bind({ address, port, exclusive: true }, () => {
    socket.removeAllListeners('error');
    resolve(socket);
  });
  return promise;
}
