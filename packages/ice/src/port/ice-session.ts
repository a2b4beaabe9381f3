import { packetKind, transactionKey } from '@ouro/stun';
import { type Remote, remoteKey } from './address.ts';
import type { IcePortContext } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { LeastRecent } from './least-recent.ts';
import type { SessionCredentials } from './session-registry.ts';
import type { TcpConnection } from './tcp-connection.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';
import type { UdpPath } from './udp-path.ts';

/**
 * Takes what comes for a session: Binding requests made with its password, responses to its requests, and all else from
 * addresses that showed such a request. The packet is the receiver's own. Must not throw.
 */
export type OnPacket = (packet: Buffer, remote: Remote, endpoint: PortEndpoint) => void;

/** One local address of a port. */
export type PortEndpoint = UdpEndpoint | TcpEndpoint;

export interface IceSessionInit {
  readonly credentials: SessionCredentials;
  readonly onPacket: OnPacket;
  readonly onClosed: (session: IceSession) => void;
}

/**
 * One generation of one peer on the port: its credentials, its remote addresses, its TCP connections. An ICE restart
 * is a second session of the same peer; the first serves on until it is closed, when the new pair is nominated.
 */
export class IceSession {
  readonly credentials: SessionCredentials;
  readonly onPacket: OnPacket;
  readonly #context: IcePortContext;
  readonly #paths: LeastRecent<UdpPath>;
  readonly #connections: LeastRecent<TcpConnection>;
  /** Transaction to when it was sent, milliseconds of the clock; oldest first. */
  readonly #asked = new Map<string, number>();
  readonly #onClosed: (session: IceSession) => void;
  #queued = 0;
  #open = true;

  constructor(context: IcePortContext, { credentials, onPacket, onClosed }: IceSessionInit) {
    this.#context = context;
    this.credentials = credentials;
    this.onPacket = onPacket;
    this.#onClosed = onClosed;
    this.#paths = new LeastRecent(context.limits.addressesPerSession);
    this.#connections = new LeastRecent(context.limits.socketsPerSession);
    context.registry.add(credentials, this);
  }

  /**
   * Sends a packet: on UDP, or on the TCP connection that `remote` has opened. False: dropped, because `remote` does
   * not read or the kernel is behind, or because nothing can be sent there.
   */
  send(endpoint: PortEndpoint, remote: Remote, packet: Buffer): boolean {
    return endpoint.transport === 'udp'
      ? this.#sendUdp(endpoint, remote, packet)
      : this.#sendTcp(endpoint, remote, packet);
  }

  /** The response to a Binding request is let in also from an address that has shown nothing. */
  #sendUdp(endpoint: UdpEndpoint, remote: Remote, packet: Buffer): boolean {
    if (!this.#open) return false;
    if (this.#queued >= this.#context.limits.udpQueuePackets) {
      this.#context.counters.drop('backlog');
      return false;
    }
    if (packetKind(packet) === 'request' && !this.#knows(endpoint, remote)) this.#expect(packet, endpoint);
    this.#queued++;
    if (endpoint.send(packet, remote, this.#sent)) return true;
    this.#queued--;
    return false;
  }

  readonly #sent = (): void => {
    this.#queued--;
  };

  #sendTcp(endpoint: TcpEndpoint, remote: Remote, packet: Buffer): boolean {
    return this.#open && this.#connections.get(pathKey(endpoint, remote))?.send(packet) === true;
  }

  #forget(key: string): void {
    this.#asked.delete(key);
    this.#context.registry.forget(key);
  }

  /** Gives up the requests from before `since` (milliseconds of the clock). */
  forgetAsked(since: number): void {
    for (const [key, at] of this.#asked) {
      if (at >= since) return;
      this.#forget(key);
    }
  }

  /** A proven UDP address joins; the one that was silent longest goes when they are too many. */
  addPath(path: UdpPath): void {
    const known = this.#knows(path.endpoint, path.remote);
    if (known) return;
    for (const old of this.#paths.add(pathKey(path.endpoint, path.remote), path)) old.leave(this);
  }

  removePath(path: UdpPath): void {
    this.#paths.delete(pathKey(path.endpoint, path.remote), path);
  }

  /** A TCP connection whose first request was proven joins; the one that was silent longest goes. */
  addConnection(connection: TcpConnection): void {
    const key = pathKey(connection.endpoint, connection.remote);
    for (const old of this.#connections.add(key, connection)) old.drop('evicted');
  }

  removeConnection(connection: TcpConnection): void {
    this.#connections.delete(pathKey(connection.endpoint, connection.remote), connection);
  }

  /** Nothing that comes for it is taken any more; its TCP connections are closed. Twice is once. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#context.registry.remove(this.credentials);
    this.forgetAsked(Number.POSITIVE_INFINITY);
    for (const path of this.#paths.values()) path.leave(this);
    for (const connection of this.#connections.values()) connection.leave(this);
    this.#onClosed(this);
  }

  #knows(endpoint: Endpoint, remote: Remote): boolean {
    return this.#paths.get(pathKey(endpoint, remote)) !== undefined;
  }

  #expect(request: Buffer, endpoint: Endpoint): void {
    const key = transactionKey(request);
    this.#asked.delete(key);
    const [oldest] = this.#asked.keys();
    const full = this.#asked.size >= this.#context.limits.transactionsPerSession;
    if (full && oldest !== undefined) this.#forget(oldest);
    this.#asked.set(key, this.#context.clock.now());
    this.#context.registry.expect(key, { session: this, endpoint });
  }
}

function pathKey(endpoint: Endpoint, remote: Remote): string {
  return `${endpoint.address} ${remoteKey(remote)}`;
}
