import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { isLoopback } from './addresses.ts';
import {
  candidateFoundation,
  candidatePriority,
  type IceCandidate,
  localCandidate,
  localPreference,
} from './candidate.ts';
import type { LocalBase } from './checklist.ts';
import { encodeServerRequest, isSuccess } from './checks.ts';
import { STUN_ATTRIBUTE, STUN_SERVER_TIMEOUT_MS } from './constants.ts';
import type { IceServers, StunServer, TurnServer } from './ice-servers.ts';
import type { IceSocket, IceSocketSource, OnDatagram, SocketUser } from './socket.ts';
import type { StunMessage } from './stun.ts';
import { canonicalAddress, decodeXorAddress, sameAddress, type TransportAddress } from './stun-address.ts';
import type { Transactions } from './transactions.ts';
import { TURN_TIMEOUT_MS } from './turn/constants.ts';
import { openRelay } from './turn/relay.ts';

export interface GathererOptions {
  readonly sources: readonly IceSocketSource[];
  readonly servers: IceServers;
  readonly transactions: Transactions;
  readonly onBase: (base: LocalBase) => void;
  readonly onCandidate: (candidate: IceCandidate) => void;
}

/** Finds the local candidates of one generation (RFC 8445 section 5.1.1). */
export class Gatherer {
  readonly #options: GathererOptions;
  readonly #candidates: IceCandidate[] = [];
  readonly #bases: LocalBase[] = [];
  readonly #controller = new AbortController();
  #closed = false;

  constructor(options: GathererOptions) {
    this.#options = options;
  }

  get candidates(): readonly IceCandidate[] {
    return this.#candidates;
  }

  /** Opens the sockets. Resolves when every source is done. */
  async open(user: SocketUser): Promise<void> {
    await Promise.all(
      this.#options.sources.map((source) => source.open(user, (socket) => this.#host(socket))),
    );
  }

  /**
   * Asks the servers what they see of us, and for relays. Resolves when all have answered, `STUN_SERVER_TIMEOUT_MS` and
   * `TURN_TIMEOUT_MS` later at most.
   */
  async ask({ onDatagram }: SocketUser): Promise<void> {
    const { stun, turn } = this.#options.servers;
    const outer = this.#bases.filter(
      ({ socket: { tcpType, local } }) => tcpType === undefined && !isLoopback(local.address),
    );
    const asked = outer.flatMap((base) => stun.map((server) => this.#ask(base, server)));
    const relays = turn.map((server) => this.#relay(server, onDatagram));
    if (asked.length > 0) await withTimeout(Promise.all(asked), STUN_SERVER_TIMEOUT_MS);
    if (relays.length > 0) await withTimeout(Promise.all(relays), TURN_TIMEOUT_MS);
  }

  /** Closes every socket. What is still being opened is closed as soon as it is open. */
  close(): void {
    this.#closed = true;
    this.#controller.abort();
    for (const { socket } of this.#bases.splice(0)) socket.close();
  }

  #host(socket: IceSocket): void {
    if (this.#closed) {
      socket.close();
      return;
    }
    const candidate = localCandidate(socket, this.#bases.length);
    this.#bases.push({ socket, candidate });
    this.#options.onBase({ socket, candidate });
    this.#found(candidate);
    for (const [i, local] of (socket.alsoAt ?? []).entries()) {
      this.#found({ ...candidate, ...local, priority: candidate.priority - ((i + 1) << 8) });
    }
  }

  /** A pair is selected; the connections of all others end. */
  settle(selected: IceSocket, remote: TransportAddress): void {
    for (const { socket } of this.#bases) socket.settle?.(socket === selected ? remote : undefined);
  }

  async #relay(server: TurnServer, onDatagram: OnDatagram): Promise<void> {
    const socket = await openRelay(server, { onDatagram, signal: this.#controller.signal });
    if (socket !== undefined) this.#host(socket);
  }

  async #ask({ socket, candidate }: LocalBase, server: StunServer): Promise<void> {
    const to = await resolve(server, isIPv4(candidate.address) ? 4 : 6).catch(() => undefined);
    if (to === undefined || this.#closed) return;
    const answer = await this.#request(socket, to);
    const mapped = decodeXorAddress(
      answer?.attributes.get(STUN_ATTRIBUTE.xorMappedAddress),
      answer?.transactionId ?? '',
    );
    if (mapped === undefined || this.#closed || this.#candidates.some((other) => sameAddress(other, mapped)))
      return;
    this.#found({
      ...mapped,
      foundation: candidateFoundation('srflx', candidate.address, to.address),
      component: 1,
      protocol: 'udp',
      priority: candidatePriority('srflx', localPreference(candidate)),
      type: 'srflx',
      related: socket.local,
    });
  }

  #request(socket: IceSocket, to: TransportAddress): Promise<StunMessage | undefined> {
    const { promise, resolve: done } = Promise.withResolvers<StunMessage | undefined>();
    this.#options.transactions.start({
      socket,
      to,
      encode: encodeServerRequest,
      isAuthentic: isSuccess,
      done,
    });
    return promise;
  }

  #found(candidate: IceCandidate): void {
    this.#candidates.push(candidate);
    this.#options.onCandidate(candidate);
  }
}

async function resolve({ host, port }: StunServer, family: 4 | 6): Promise<TransportAddress | undefined> {
  if (isIP(host) !== 0) return isIP(host) === family ? { address: canonicalAddress(host), port } : undefined;
  const { address } = await lookup(host, { family });
  return { address: canonicalAddress(address), port };
}

async function withTimeout(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise, resolve: late } = Promise.withResolvers<void>();
  const timer = setTimeout(late, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
