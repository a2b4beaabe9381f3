import { isIP, type Socket } from 'node:net';
import { type Clock, systemClock } from '@ouro/base';
import type { ReadInterfaces, Remote } from './address.ts';
import { IDLE_SWEEP_MS, REFRESH_INTERVAL_MS, TRANSACTION_MS, UNREF } from './constants.ts';
import type { IcePortContext, Logger } from './context.ts';
import { Counters, type Drops } from './counters.ts';
import type { Endpoint, PortEndpoint } from './endpoint.ts';
import { Endpoints } from './endpoints.ts';
import { IcePortError } from './errors.ts';
import { IceSession } from './ice-session.ts';
import { DEFAULT_LIMITS, type IcePortLimits } from './limits.ts';
import { PendingSockets } from './pending-sockets.ts';
import type { OnPacket, SessionCredentials } from './session.ts';
import { SessionRegistry } from './session-registry.ts';

/** Where a port listens, how it is announced, and what it takes from outside. */
export interface IcePortOptions {
  /** UDP and TCP port, 0 to 65535; 0 is one that is free for both at all addresses. */
  readonly port: number;
  /** IP addresses of this machine. `0.0.0.0` and `::`, the default, are all that other machines can reach. */
  readonly hosts?: readonly string[];
  /** Default true. */
  readonly udp?: boolean;
  /** Default true. */
  readonly tcp?: boolean;
  /**
   * Those of `hosts` (also `0.0.0.0` and `::`) at which another listener already has the TCP port and gives connections
   * to `attach`, as `createSharedTcpServer` does. There the port does not listen itself.
   */
  readonly handedOver?: readonly string[];
  /** Addresses that a static NAT maps to this machine, same port: announced as host candidates. */
  readonly publicAddresses?: readonly string[];
  /** Whether own addresses are announced beside the public ones of their family. Default true. */
  readonly announceLocal?: boolean;
  /** Caps other than the default ones. */
  readonly limits?: Partial<IcePortLimits>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly readInterfaces?: ReadInterfaces;
}

/** What is going on at a port. */
export interface IcePortStats {
  readonly sessions: number;
  /** Remote UDP addresses that belong to a session. */
  readonly udpPaths: number;
  /** TCP connections, proven or not. */
  readonly tcpConnections: number;
  /** TCP connections that have not proven anything. */
  readonly pendingSockets: number;
  /** Ufrags that requests are taken for. */
  readonly ufrags: number;
  /** STUN requests that wait for an answer. */
  readonly transactions: number;
  readonly drops: Drops;
}

const SILENT: Logger = { debug: () => undefined, warn: () => undefined };

/**
 * One UDP port and one TCP port of the same number for all peers of this process. A packet is a session's when its
 * remote address showed a Binding request made with that session's password (RFC 8445 section 7.3); everything else is
 * dropped without an answer.
 */
export class IcePort implements AsyncDisposable {
  readonly #context: IcePortContext;
  readonly #pending: PendingSockets;
  readonly #endpoints: Endpoints;
  readonly #options: IcePortOptions;
  readonly #sessions = new Set<IceSession>();
  #stopSweep: () => void = () => undefined;
  #following: Promise<void> | undefined;
  #followedAt = Number.NEGATIVE_INFINITY;
  #open = true;

  private constructor(options: IcePortOptions) {
    const { limits, clock = systemClock, logger = SILENT } = options;
    const registry = new SessionRegistry();
    const counters = new Counters();
    this.#options = options;
    this.#context = { clock, logger, counters, registry, limits: { ...DEFAULT_LIMITS, ...limits } };
    this.#pending = new PendingSockets(this.#context);
    this.#endpoints = new Endpoints(
      { context: this.#context, pending: this.#pending },
      {
        port: options.port,
        hosts: options.hosts ?? ['0.0.0.0', '::'],
        udp: options.udp ?? true,
        tcp: options.tcp ?? true,
        handedOver: options.handedOver ?? [],
        readInterfaces: options.readInterfaces,
      },
    );
  }

  /**
   * Opens the sockets.
   * @throws IcePortError `address-in-use`, `no-address`, `permission` or `io`
   */
  static async open(options: IcePortOptions): Promise<IcePort> {
    const port = new IcePort(options);
    await port.#endpoints.open();
    if (port.port === 0)
      throw new IcePortError('no-address', 'No local address for the ICE port; give a host');
    port.#followedAt = port.#context.clock.now();
    port.#sweepLater();
    return port;
  }

  /** The number, UDP and TCP. */
  get port(): number {
    return this.#endpoints.port;
  }

  /** Its local addresses, UDP first. */
  get endpoints(): PortEndpoint[] {
    return [...this.#endpoints.udp, ...this.#endpoints.tcp];
  }

  /** How peers reach an endpoint: at its own address, at those that a static NAT maps to it, or both. */
  reachableAt({ address, port }: Endpoint): Remote[] {
    const { publicAddresses = [], announceLocal = true } = this.#options;
    const family = publicAddresses.filter((other) => isIP(other) === isIP(address));
    // A public address stands for the first local one of its family.
    const first = this.#endpoints.all.find((other) => isIP(other.address) === isIP(address));
    const mapped = first?.address === address ? family : [];
    const local = announceLocal || family.length === 0 ? [address] : [];
    return [...local, ...mapped].map((reachable) => ({ address: reachable, port }));
  }

  /** Opens and closes sockets as the machine's addresses changed. At most once in `REFRESH_INTERVAL_MS`. */
  async refresh(): Promise<void> {
    if (!this.#open || this.#context.clock.now() - this.#followedAt < REFRESH_INTERVAL_MS) {
      return this.#following;
    }
    this.#followedAt = this.#context.clock.now();
    this.#following = this.#endpoints.follow().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  /**
   * A session: what comes for its credentials goes to `onPacket` until it is closed.
   * @throws IcePortError `closed`, `too-many`, or `bad-ufrag` for credentials that are taken or malformed
   */
  register(credentials: SessionCredentials, onPacket: OnPacket): IceSession {
    if (!this.#open) throw new IcePortError('closed', 'The ICE port was closed');
    if (this.#sessions.size >= this.#context.limits.sessions) {
      throw new IcePortError(
        'too-many',
        'The ICE port has all the sessions it takes; close some and try again',
      );
    }
    const onClosed = (closed: IceSession): void => void this.#sessions.delete(closed);
    const session = new IceSession(this.#context, { credentials, onPacket, onClosed });
    this.#sessions.add(session);
    return session;
  }

  /**
   * Takes a TCP socket from a listener at the same port; `firstBytes` are those already read from it. Nobody else may
   * read it. It is closed when it does not show a session's Binding request in time.
   */
  attach(socket: Socket, firstBytes?: Buffer): void {
    const endpoint = this.#open ? this.#endpoints.tcpAt(socket.localAddress ?? '') : undefined;
    if (endpoint === undefined) socket.destroy();
    else endpoint.accept(socket, firstBytes);
  }

  get stats(): IcePortStats {
    const { udp, tcp } = this.#endpoints;
    return {
      sessions: this.#sessions.size,
      udpPaths: udp.reduce((sum, { pathCount }) => sum + pathCount, 0),
      tcpConnections: tcp.reduce((sum, { connectionCount }) => sum + connectionCount, 0),
      pendingSockets: this.#pending.size,
      ufrags: this.#context.registry.ufrags,
      transactions: this.#context.registry.transactions,
      drops: this.#context.counters.read(),
    };
  }

  /** Closes all sessions and sockets. Twice is once. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#stopSweep();
    for (const session of this.#sessions) session.close();
    this.#pending.close();
    await this.#following?.catch(() => undefined);
    await this.#endpoints.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #sweepLater(): void {
    const { clock, limits } = this.#context;
    const sweep = (): void => {
      const since = clock.now() - limits.pathIdleMs;
      for (const endpoint of this.#endpoints.udp) endpoint.forgetIdle(since);
      for (const endpoint of this.#endpoints.tcp) endpoint.closeIdle(since);
      for (const session of this.#sessions) session.forgetAsked(clock.now() - TRANSACTION_MS);
      this.#sweepLater();
    };
    this.#stopSweep = clock.after(IDLE_SWEEP_MS, sweep, UNREF);
  }
}
