import { isLoopback } from '@ouro/base';
import type { TransportAddress } from '@ouro/base/node';
import { MAX_HOST_ADDRESSES } from '../constants.ts';
import type { IceSocket, IceSocketSource, SocketUser, TcpType } from '../socket.ts';
import type { Endpoint, PortEndpoint } from './endpoint.ts';
import type { IcePort } from './ice-port.ts';
import type { IceSession } from './ice-session.ts';

/**
 * An ICE agent's share of a port: one UDP and one passive TCP socket for each of the port's addresses, and no other
 * socket. When its last socket is closed, the port does not know the agent any more. A port that takes no more sessions
 * gives none. `addresses`: only those of the port, the best first; else all, loopback ones when there is nothing else.
 */
export function portSockets(port: IcePort, addresses?: readonly string[]): IceSocketSource {
  return {
    async open(user, onSocket) {
      // An address that cannot be bound now has no candidate; the others have.
      await port.refresh().catch(() => undefined);
      new PortShare(port, user).open(chosen(port.endpoints, addresses), onSocket);
    },
  };
}

function chosen(endpoints: readonly PortEndpoint[], addresses?: readonly string[]): PortEndpoint[] {
  const outer = endpoints.filter(({ address }) => !isLoopback(address));
  const usual = (outer.length > 0 ? outer : endpoints).map(({ address }) => address);
  const wanted = [...new Set(addresses ?? usual)].slice(0, MAX_HOST_ADDRESSES);
  return (['udp', 'tcp'] as const).flatMap((transport) =>
    wanted.flatMap((at) =>
      endpoints.filter((endpoint) => endpoint.transport === transport && endpoint.address === at),
    ),
  );
}

/** The sockets of one agent. */
class PortShare {
  readonly #port: IcePort;
  readonly #user: SocketUser;
  readonly #sockets = new Map<Endpoint, PortSocket>();
  #session: IceSession | undefined;

  constructor(port: IcePort, user: SocketUser) {
    this.#port = port;
    this.#user = user;
  }

  open(endpoints: readonly PortEndpoint[], onSocket: (socket: IceSocket) => void): void {
    const session = this.#register();
    if (session === undefined) return;
    this.#session = session;
    for (const endpoint of endpoints) {
      const [local, ...alsoAt] = this.#port.reachableAt(endpoint);
      if (local === undefined) continue;
      this.#sockets.set(
        endpoint,
        new PortSocket({ endpoint, local, alsoAt, session }, () => this.#closed(endpoint)),
      );
    }
    for (const socket of [...this.#sockets.values()]) onSocket(socket);
  }

  #register(): IceSession | undefined {
    const { ufrag, pwd, onDatagram } = this.#user;
    try {
      return this.#port.register({ ufrag, pwd }, (packet, remote, endpoint, proven) => {
        const socket = this.#sockets.get(endpoint);
        if (socket !== undefined) onDatagram(socket, packet, remote, proven);
      });
    } catch {
      // The agent has no way to hear why: it fails for want of candidates, as without any address.
      return undefined;
    }
  }

  #closed(endpoint: Endpoint): void {
    this.#sockets.delete(endpoint);
    if (this.#sockets.size === 0) this.#session?.close();
  }
}

interface PortSocketInit {
  readonly endpoint: PortEndpoint;
  readonly local: TransportAddress;
  readonly alsoAt: readonly TransportAddress[];
  readonly session: IceSession;
}

class PortSocket implements IceSocket {
  readonly local: TransportAddress;
  readonly alsoAt: readonly TransportAddress[];
  declare readonly tcpType?: TcpType;
  readonly #endpoint: PortEndpoint;
  readonly #session: IceSession;
  readonly #onClosed: () => void;

  constructor({ endpoint, local, alsoAt, session }: PortSocketInit, onClosed: () => void) {
    this.local = local;
    this.alsoAt = alsoAt;
    if (endpoint.transport === 'tcp') this.tcpType = 'passive';
    this.#endpoint = endpoint;
    this.#session = session;
    this.#onClosed = onClosed;
  }

  send(datagram: Buffer, to: TransportAddress): void {
    this.#session.send(this.#endpoint, to, datagram);
  }

  close(): void {
    this.#onClosed();
  }
}
