import { packetKind, transactionKey } from '@ouro/stun';
import { type Remote, remoteKey } from './address.ts';
import type { IcePortContext } from './context.ts';
import type { DatagramEndpoint, Endpoint, PortEndpoint } from './endpoint.ts';
import { LeastRecent } from './least-recent.ts';
import type { Connection, OnPacket, Path, PortSession, SessionCredentials } from './session.ts';

export interface IceSessionInit {
  readonly credentials: SessionCredentials;
  readonly onPacket: OnPacket;
  readonly onClosed: (session: IceSession) => void;
}

/**
 * One generation of one peer on the port: its credentials, its remote addresses, its TCP connections. An ICE restart
 * is a second session of the same peer; the first serves on until it is closed, when the new pair is nominated.
 */
export class IceSession implements PortSession {
  readonly credentials: SessionCredentials;
  readonly onPacket: OnPacket;
  readonly #context: IcePortContext;
  readonly #paths: LeastRecent<Path>;
  readonly #connections: LeastRecent<Connection>;
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
  #sendUdp(endpoint: DatagramEndpoint, remote: Remote, packet: Buffer): boolean {
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

  #sendTcp(endpoint: Endpoint, remote: Remote, packet: Buffer): boolean {
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

  addPath(path: Path): void {
    const known = this.#knows(path.endpoint, path.remote);
    if (known) return;
    for (const old of this.#paths.add(pathKey(path.endpoint, path.remote), path)) old.leave(this);
  }

  removePath(path: Path): void {
    this.#paths.delete(pathKey(path.endpoint, path.remote), path);
  }

  addConnection(connection: Connection): void {
    const key = pathKey(connection.endpoint, connection.remote);
    for (const old of this.#connections.add(key, connection)) old.drop('evicted');
  }

  removeConnection(connection: Connection): void {
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
