import { isIPv4 } from 'node:net';
import type { Runtime } from '@ouro/base';
import { isLoopback } from '@ouro/base';
import { sameAddress, type TransportAddress } from '@ouro/base/node';
import type { StunMessage } from '@ouro/stun';
import { decodeXorAddress, STUN_ATTRIBUTE } from '@ouro/stun';
import {
  candidateFoundation,
  candidatePriority,
  type IceCandidate,
  localCandidate,
  localPreference,
} from './candidate.ts';
import type { LocalBase } from './checklist.ts';
import { encodeServerRequest, isSuccess } from './checks.ts';
import { SERVER_TRANSMISSIONS, SERVERS_TIMEOUT_MS } from './constants.ts';
import type { IceServerError, IceServers, StunServer, TurnServer } from './ice-servers.ts';
import { SERVER_UNREACHABLE } from './ice-servers.ts';
import { ServerNames } from './server-names.ts';
import type { IceSocket, IceSocketSource, SocketUser } from './socket.ts';
import type { Transactions } from './transactions.ts';
import { openRelay, type RelayOptions } from './turn/relay.ts';

export interface GathererOptions extends Runtime {
  readonly sources: readonly IceSocketSource[];
  /** Asked when the servers are. */
  readonly servers: () => IceServers;
  readonly transactions: Transactions;
  readonly onBase: (base: LocalBase) => void;
  readonly onCandidate: (candidate: IceCandidate) => void;
  /** A server gave nothing. The others go on. */
  readonly onServerError?: (error: IceServerError) => void;
}

/** Finds the local candidates of one generation (RFC 8445 section 5.1.1). */
export class Gatherer {
  readonly #options: GathererOptions;
  readonly #candidates: IceCandidate[] = [];
  readonly #bases: LocalBase[] = [];
  readonly #closer = new AbortController();
  #closed = false;

  constructor(options: GathererOptions) {
    this.#options = options;
  }

  get candidates(): readonly IceCandidate[] {
    return this.#candidates;
  }

  get #closing(): AbortSignal {
    return this.#closer.signal;
  }

  /** Opens the sockets. Resolves when every source is done. */
  async open(user: SocketUser): Promise<void> {
    await Promise.all(
      this.#options.sources.map((source) => source.open(user, (socket) => this.#host(socket))),
    );
  }

  /**
   * Asks the servers what they see of us, and for relays. Resolves when all have answered, `SERVERS_TIMEOUT_MS` later at
   * most, and at once when this is closed; what answers later is let go.
   */
  async ask({ onDatagram }: SocketUser): Promise<void> {
    const { stun, turn } = this.#options.servers();
    if (this.#closed || stun.length + turn.length === 0) return;
    const outer = this.#bases.filter(
      ({ socket: { tcpType, relay, local } }) =>
        tcpType === undefined && relay === undefined && !isLoopback(local.address),
    );
    const names = new ServerNames();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const asking = new AbortController();
    const stop = (): void => resolve(asking.abort());
    const { clock, random } = this.#options;
    const endTimer = clock.after(SERVERS_TIMEOUT_MS, stop);
    this.#closing.addEventListener('abort', stop, { once: true });
    const asked = stun.map((server) => this.#stun(server, outer, { names, signal: asking.signal }));
    const relays = turn.map((server) =>
      this.#relay(server, { clock, random, names, onDatagram, signal: asking.signal }),
    );
    await Promise.race([Promise.all([...asked, ...relays]), over]);
    endTimer();
    this.#closing.removeEventListener('abort', stop);
    asking.abort();
    names.close();
  }

  /** Closes every socket. What is still being opened is closed as soon as it is open. */
  close(): void {
    this.#closed = true;
    this.#closer.abort();
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

  async #relay(server: TurnServer, options: RelayOptions): Promise<void> {
    const opened = await openRelay(server, options);
    if ('local' in opened) this.#host(opened);
    else if (!this.#closed) this.#options.onServerError?.({ url: server.url, ...opened });
  }

  async #stun(server: StunServer, bases: readonly LocalBase[], asking: Asking): Promise<void> {
    const answers = await Promise.all(bases.map((base) => this.#ask(base, server, asking)));
    if (this.#closed || answers.length === 0 || answers.includes(true)) return;
    const why = { errorCode: SERVER_UNREACHABLE, errorText: 'it does not answer' };
    this.#options.onServerError?.({ url: server.url, ...why });
  }

  /** @returns whether the server has told an address */
  async #ask({ socket, candidate }: LocalBase, server: StunServer, asking: Asking): Promise<boolean> {
    const address = await asking.names.address(server.host, isIPv4(candidate.address) ? 4 : 6);
    if (address === undefined || asking.signal.aborted) return false;
    const answer = await this.#request(socket, { address, port: server.port });
    const mapped = decodeXorAddress(
      answer?.attributes.get(STUN_ATTRIBUTE.xorMappedAddress),
      answer?.transactionId ?? '',
    );
    if (mapped === undefined || asking.signal.aborted) return false;
    if (this.#candidates.some((other) => sameAddress(other, mapped))) return true;
    this.#found({
      ...mapped,
      foundation: candidateFoundation('srflx', candidate.address, address),
      component: 1,
      protocol: 'udp',
      priority: candidatePriority('srflx', localPreference(candidate)),
      type: 'srflx',
      related: socket.local,
    });
    return true;
  }

  #request(socket: IceSocket, to: TransportAddress): Promise<StunMessage | undefined> {
    const { promise, resolve: done } = Promise.withResolvers<StunMessage | undefined>();
    this.#options.transactions.start({
      socket,
      to,
      encode: encodeServerRequest,
      isAuthentic: isSuccess,
      transmissions: SERVER_TRANSMISSIONS,
      done,
    });
    return promise;
  }

  #found(candidate: IceCandidate): void {
    this.#candidates.push(candidate);
    this.#options.onCandidate(candidate);
  }
}

/** One round of asking servers. */
interface Asking {
  readonly names: ServerNames;
  readonly signal: AbortSignal;
}
