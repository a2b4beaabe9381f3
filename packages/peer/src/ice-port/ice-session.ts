import { type Remote, remoteKey } from './address.ts';
import { OLD_GENERATION_MS } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { Endpoint } from './endpoint.ts';
import { IcePortError } from './errors.ts';
import { LeastRecent } from './least-recent.ts';
import type { IceCredentials } from './session-registry.ts';
import type { TcpConnection } from './tcp-connection.ts';
import type { UdpEndpoint, UdpPath } from './udp-endpoint.ts';

/** What a session is told. All is called as the packet comes in; a packet is the receiver's own. */
export interface SessionHandlers {
  /** A Binding request, proven to be made with the password of `generation`. */
  onRequest(packet: Buffer, remote: Remote, endpoint: Endpoint, generation: Generation): void;
  /** A response to a request that the session announced with `expectResponse`. */
  onResponse(packet: Buffer, remote: Remote, endpoint: Endpoint): void;
  /** Anything else (DTLS), from an address that showed a valid request. */
  onData(packet: Buffer, remote: Remote, endpoint: Endpoint): void;
  /** A TCP connection of the session is gone. */
  onConnectionClosed(remote: Remote, endpoint: Endpoint): void;
}

/** Credentials of a session, and whether they are those of its newest description. */
export interface Generation {
  readonly credentials: IceCredentials;
  readonly retired: boolean;
}

export interface IceSessionInit {
  /** Those that the peer announces; made here when not given. */
  readonly credentials?: IceCredentials | undefined;
  readonly handlers: SessionHandlers;
  readonly onClosed: (session: IceSession) => void;
}

/**
 * One peer on the port: its credentials, its remote addresses and its TCP connections. After `restart` the credentials
 * of the selected pair serve on beside the new ones, until `retire` (RFC 8445 section 9) or `OLD_GENERATION_MS`.
 */
export class IceSession {
  readonly handlers: SessionHandlers;
  readonly #context: IcePortContext;
  readonly #paths: LeastRecent<UdpPath>;
  readonly #connections: LeastRecent<TcpConnection>;
  readonly #expected = new Set<() => void>();
  readonly #onClosed: (session: IceSession) => void;
  #credentials: IceCredentials;
  #old: IceCredentials | undefined;
  #cancelRetirement: (() => void) | undefined;
  #queued = 0;
  #open = true;

  constructor(context: IcePortContext, init: IceSessionInit) {
    const { credentials = context.registry.newCredentials(), handlers, onClosed } = init;
    this.#context = context;
    this.#onClosed = onClosed;
    this.handlers = handlers;
    this.#paths = new LeastRecent(context.limits.addressesPerSession);
    this.#connections = new LeastRecent(context.limits.socketsPerSession);
    context.registry.add(credentials, this);
    this.#credentials = credentials;
  }

  /** Those of the newest generation. */
  get credentials(): IceCredentials {
    return this.#credentials;
  }

  get closed(): boolean {
    return !this.#open;
  }

  /** New credentials for an ICE restart. Of the former ones only those the selected pair was made with go on. */
  restart(credentials: IceCredentials = this.#context.registry.newCredentials()): IceCredentials {
    this.#checkOpen();
    this.#context.registry.add(credentials, this);
    if (this.#old === undefined) this.#old = this.#credentials;
    else this.#context.registry.remove(this.#credentials);
    this.#credentials = credentials;
    this.#cancelRetirement?.();
    this.#cancelRetirement = this.#context.clock.after(OLD_GENERATION_MS, () => this.retire());
    return credentials;
  }

  /** Ends the credentials from before the restart: the new pair is nominated. Twice is once. */
  retire(): void {
    this.#cancelRetirement?.();
    this.#cancelRetirement = undefined;
    if (this.#old !== undefined) this.#context.registry.remove(this.#old);
    this.#old = undefined;
  }

  /**
   * Lets the response to one STUN request in, until the returned function is called. `key` is the transaction id as
   * latin1 text; `password` what the response must be signed with, undefined for a STUN server.
   * @throws IcePortError `closed`, or `too-many` when the cap of waiting requests is reached
   */
  expectResponse(key: string, endpoint: Endpoint, password?: string): () => void {
    this.#checkOpen();
    if (this.#expected.size >= this.#context.limits.transactionsPerSession) {
      throw new IcePortError('too-many', 'Too many STUN requests of one session wait for an answer');
    }
    const forget = this.#context.registry.expect(key, { session: this, endpoint, password });
    const done = (): void => {
      this.#expected.delete(done);
      forget();
    };
    this.#expected.add(done);
    return done;
  }

  /** Sends on UDP. False: dropped, as the kernel is behind by the cap of packets, or the address cannot be sent to. */
  sendUdp(endpoint: UdpEndpoint, remote: Remote, packet: Uint8Array): boolean {
    if (!this.#open) return false;
    if (this.#queued >= this.#context.limits.udpQueuePackets) {
      this.#context.counters.drop('backlog');
      return false;
    }
    this.#queued++;
    if (endpoint.send(packet, remote, this.#sent)) return true;
    this.#queued--;
    return false;
  }

  readonly #sent = (): void => {
    this.#queued--;
  };

  /** The open TCP connection with `remote`, if there is one. */
  connection(endpoint: Endpoint, remote: Remote): TcpConnection | undefined {
    return this.#connections.get(connectionKey(endpoint, remote));
  }

  /** A verified UDP address joins the session; the one that was silent longest goes when they are too many. */
  addPath(path: UdpPath): void {
    for (const old of this.#paths.add(connectionKey(path.endpoint, path.remote), path)) old.forget();
  }

  removePath(path: UdpPath): void {
    this.#paths.delete(connectionKey(path.endpoint, path.remote), path);
  }

  /** A TCP connection with a verified first request joins the session. */
  addConnection(connection: TcpConnection): void {
    const key = connectionKey(connection.endpoint, connection.remote);
    for (const old of this.#connections.add(key, connection)) old.drop('evicted');
  }

  /** Called when the connection closed. */
  removeConnection(connection: TcpConnection): void {
    const { endpoint, remote } = connection;
    const known = this.#connections.delete(connectionKey(endpoint, remote), connection);
    if (known && this.#open) this.handlers.onConnectionClosed(remote, endpoint);
  }

  /** Closes the TCP connections at `endpoint`, except the one with `keep`. */
  closeConnections(endpoint: Endpoint, keep?: Remote): void {
    const kept = keep && remoteKey(keep);
    for (const connection of this.#connections.values()) {
      if (connection.endpoint === endpoint && remoteKey(connection.remote) !== kept) connection.close();
    }
  }

  /** What a Binding request's credentials are to this session. */
  generation(credentials: IceCredentials): Generation {
    return { credentials, retired: credentials !== this.#credentials };
  }

  /** Ends the session: nothing that comes for it is taken any more. Twice is once. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.retire();
    this.#context.registry.remove(this.#credentials);
    for (const done of this.#expected) done();
    for (const path of this.#paths.values()) path.forget();
    for (const connection of this.#connections.values()) connection.close();
    this.#onClosed(this);
  }

  #checkOpen(): void {
    if (!this.#open) throw new IcePortError('closed', 'The session on the ICE port was closed');
  }
}

function connectionKey(endpoint: Endpoint, remote: Remote): string {
  return `${endpoint.address} ${remoteKey(remote)}`;
}
