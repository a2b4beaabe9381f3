import { createConnection, type Socket } from 'node:net';
import { type Clock, systemClock } from '@ouro/base';
import type { TransportAddress } from '@ouro/base/node';
import { packetKind } from '@ouro/stun';
import type { IceSocket, IceSocketSource, OnDatagram } from '../socket.ts';
import { remoteKey } from './address.ts';
import { DIAL_TIMEOUT_MS, MAX_DIALS_PER_ADDRESS, MAX_WRITE_BACKLOG_BYTES, UNREF } from './constants.ts';
import { FramedSocket } from './framed-socket.ts';

export interface TcpActiveOptions {
  /** Dial from just these addresses, as for a peer of the same machine; else the system chooses for each far end. */
  readonly bind?: boolean;
  readonly clock?: Clock;
}

/** RFC 6544 section 4.5: what stands for the port of an end that only dials. */
const DISCARD_PORT = 9;
/** Families of which one candidate each is made. */
const FAMILIES = [(address: string) => !address.includes(':'), (address: string) => address.includes(':')];

/**
 * ICE over TCP for the side that dials (RFC 6544): one active candidate of each family that `addresses` has, with the
 * first of them. A check opens the connection it needs; nothing else does.
 */
export function tcpActiveSockets(
  addresses: readonly string[],
  options: TcpActiveOptions = {},
): IceSocketSource {
  return {
    async open({ onDatagram }, onSocket) {
      for (const family of FAMILIES) {
        const address = addresses.find(family);
        if (address !== undefined) onSocket(new TcpActiveSocket(address, onDatagram, options));
      }
    },
  };
}

interface Dialed {
  readonly socket: Socket;
  readonly framed: FramedSocket;
  /** What goes out once it is connected: the latest check. */
  check: Buffer | undefined;
}

class TcpActiveSocket implements IceSocket {
  readonly local: TransportAddress;
  readonly tcpType = 'active';
  readonly #onDatagram: OnDatagram;
  readonly #clock: Clock;
  readonly #bind: boolean;
  readonly #dialed = new Map<string, Dialed>();
  #closed = false;

  constructor(
    address: string,
    onDatagram: OnDatagram,
    { bind = false, clock = systemClock }: TcpActiveOptions,
  ) {
    this.local = { address, port: DISCARD_PORT };
    this.#onDatagram = onDatagram;
    this.#bind = bind;
    this.#clock = clock;
  }

  send(datagram: Buffer, to: TransportAddress): void {
    const known = this.#dialed.get(remoteKey(to));
    if (known?.socket.connecting === false) known.framed.send(datagram);
    else if (packetKind(datagram) !== 'request') return;
    else if (known !== undefined) known.check = datagram;
    else if (this.#mayDial(to)) this.#dial(to, datagram);
  }

  settle(remote: TransportAddress | undefined): void {
    const kept = remote && remoteKey(remote);
    for (const [key, { framed }] of this.#dialed) if (key !== kept) framed.close();
  }

  close(): void {
    this.#closed = true;
    for (const { framed } of this.#dialed.values()) framed.close();
  }

  #mayDial({ address }: TransportAddress): boolean {
    const prefix = remoteKey({ address, port: 0 }).slice(0, -1);
    const outstanding = [...this.#dialed].filter(
      ([key, { socket }]) => socket.connecting && key.startsWith(prefix),
    );
    return !this.#closed && outstanding.length < MAX_DIALS_PER_ADDRESS;
  }

  #dial(to: TransportAddress, check: Buffer): void {
    const { address: localAddress } = this.local;
    const socket = createConnection({ host: to.address, port: to.port, ...(this.#bind && { localAddress }) });
    const framed = new FramedSocket(socket, {
      clock: this.#clock,
      writeBacklogBytes: MAX_WRITE_BACKLOG_BYTES,
      onPacket: (packet) => {
        if (!this.#closed) this.#onDatagram(this, packet, to);
      },
    });
    const dialed: Dialed = { socket, framed, check };
    const tooLong = this.#clock.after(DIAL_TIMEOUT_MS, () => framed.close(), UNREF);
    this.#dialed.set(remoteKey(to), dialed);
    socket.once('connect', () => {
      tooLong();
      if (dialed.check !== undefined) framed.send(dialed.check);
      framed.start();
    });
    socket.once('close', () => {
      tooLong();
      this.#dialed.delete(remoteKey(to));
    });
  }
}
