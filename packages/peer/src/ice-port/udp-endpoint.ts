import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import { type Remote, remoteKey } from './address.ts';
import { MAX_STUN_BYTES, UDP_RECEIVE_BUFFER_BYTES, UDP_SEND_BUFFER_BYTES } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { fromSystem } from './errors.ts';
import type { IceSession } from './ice-session.ts';
import { isStun, responseHolds, stunClass, transactionKey } from './stun.ts';

/** A remote UDP address that showed a valid request (or answer) of a session. */
export class UdpPath {
  readonly endpoint: UdpEndpoint;
  readonly session: IceSession;
  readonly remote: Remote;
  /** When its last packet came, milliseconds of the clock. */
  heardAt: number;

  constructor(endpoint: UdpEndpoint, session: IceSession, remote: Remote, heardAt: number) {
    this.endpoint = endpoint;
    this.session = session;
    this.remote = remote;
    this.heardAt = heardAt;
  }

  /** Nothing but a new valid request lets packets of the address in again. */
  forget(): void {
    this.endpoint.forget(this);
  }
}

/** One UDP socket for all peers: tells whose each packet is. */
export class UdpEndpoint implements Endpoint {
  readonly transport = 'udp';
  readonly address: string;
  readonly #socket: Socket;
  readonly #context: IcePortContext;
  readonly #paths = new Map<string, UdpPath>();
  #port = 0;

  private constructor(context: IcePortContext, address: string) {
    this.#context = context;
    this.address = address;
    this.#socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: true, lookup: literal });
    this.#socket.on('message', this.#receive);
  }

  /** Binds one socket; `port` 0 takes a free one. @throws IcePortError */
  static async open(context: IcePortContext, address: string, port: number): Promise<UdpEndpoint> {
    const endpoint = new UdpEndpoint(context, address);
    try {
      endpoint.#socket.bind({ address, port, exclusive: true });
      await once(endpoint.#socket, 'listening');
    } catch (error) {
      endpoint.#socket.close();
      throw fromSystem(`UDP port ${port} of ${address}`, error);
    }
    endpoint.#opened();
    return endpoint;
  }

  #opened(): void {
    this.#port = this.#socket.address().port;
    this.#socket.on('error', (err) => this.#context.logger.warn({ err, address: this.address }, 'UDP error'));
    this.#socket.setRecvBufferSize(UDP_RECEIVE_BUFFER_BYTES);
    this.#socket.setSendBufferSize(UDP_SEND_BUFFER_BYTES);
  }

  get port(): number {
    return this.#port;
  }

  /** Remote addresses known. */
  get pathCount(): number {
    return this.#paths.size;
  }

  /** Hands a packet to the kernel and calls `sent` when it took it, or not. False: it cannot be sent there. */
  send(packet: Uint8Array, { address, port }: Remote, sent: () => void): boolean {
    try {
      this.#socket.send(packet, port, address, sent);
      return true;
    } catch {
      // Port 0, or a socket that was closed: a candidate of the far end may say anything.
      return false;
    }
  }

  forget(path: UdpPath): void {
    const key = remoteKey(path.remote);
    if (this.#paths.get(key) === path) this.#paths.delete(key);
    path.session.removePath(path);
  }

  /** Forgets the addresses that were silent since `since` (milliseconds of the clock). */
  forgetIdle(since: number): void {
    for (const path of this.#paths.values()) {
      if (path.heardAt >= since) continue;
      this.#context.counters.drop('idle');
      path.forget();
    }
  }

  async close(): Promise<void> {
    for (const path of this.#paths.values()) path.forget();
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  readonly #receive = (packet: Buffer, from: RemoteInfo): void => {
    if (isStun(packet)) {
      this.#receiveStun(packet, from);
      return;
    }
    const path = this.#paths.get(remoteKey(from));
    if (path === undefined) {
      this.#context.counters.drop('unknown-address');
      return;
    }
    path.heardAt = this.#context.clock.now();
    path.session.handlers.onData(packet, path.remote, this);
  };

  #receiveStun(packet: Buffer, from: RemoteInfo): void {
    const kind = stunClass(packet);
    if (packet.length > MAX_STUN_BYTES) this.#context.counters.drop('bad-request');
    else if (kind === 'request') this.#receiveRequest(packet, from);
    // An indication is a keepalive (RFC 8445 section 11); nobody signs it, so it keeps nothing alive.
    else if (kind !== 'indication') this.#receiveResponse(packet, from, kind);
  }

  #receiveRequest(packet: Buffer, from: RemoteInfo): void {
    const found = this.#context.registry.authenticate(packet);
    if (typeof found === 'string') {
      this.#context.counters.drop(found);
      return;
    }
    const { session, credentials } = found;
    const { remote } = this.#bind(session, from);
    session.handlers.onRequest(packet, remote, this, session.generation(credentials));
  }

  #receiveResponse(packet: Buffer, from: RemoteInfo, kind: 'success' | 'error'): void {
    const { registry, counters } = this.#context;
    const asked = registry.transaction(transactionKey(packet));
    if (asked === undefined || asked.endpoint !== this) {
      counters.drop('unknown-response');
    } else if (asked.password === undefined || kind === 'error') {
      asked.session.handlers.onResponse(packet, { address: from.address, port: from.port }, this);
    } else if (responseHolds(packet, asked.password)) {
      asked.session.handlers.onResponse(packet, this.#bind(asked.session, from).remote, this);
    } else {
      counters.drop('bad-integrity');
    }
  }

  /** The path of a proven address; one that another session had before is taken over. */
  #bind(session: IceSession, { address, port }: Remote): UdpPath {
    const key = remoteKey({ address, port });
    const now = this.#context.clock.now();
    const known = this.#paths.get(key);
    if (known?.session === session) {
      known.heardAt = now;
      return known;
    }
    known?.forget();
    const path = new UdpPath(this, session, { address, port }, now);
    this.#paths.set(key, path);
    session.addPath(path);
    return path;
  }
}

/** No names are looked up for peers: candidates are addresses. Answers at once, which saves a turn of the loop a packet. */
function literal(
  host: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(host);
  done(family === 0 ? new TypeError('No IP address') : null, host, family);
}
