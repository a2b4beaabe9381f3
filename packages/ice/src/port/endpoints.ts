import { isWildcard, localAddresses, plainAddress, type ReadInterfaces } from './address.ts';
import { PORT_TRIES } from './constants.ts';
import type { Endpoint } from './endpoint.ts';
import { IcePortError } from './errors.ts';
import { TcpEndpoint, type TcpEndpointInit } from './tcp-endpoint.ts';
import { UdpEndpoint } from './udp-endpoint.ts';

export interface EndpointsOptions {
  /** 0 to 65535; 0 is one that is free for all. */
  readonly port: number;
  /** IP addresses of this machine; `0.0.0.0` and `::` are all reachable ones of their family. */
  readonly hosts: readonly string[];
  readonly udp: boolean;
  readonly tcp: boolean;
  /** Hosts (also `0.0.0.0`, `::`) at which another listener has the TCP port and hands sockets over. */
  readonly handedOver: readonly string[];
  readonly readInterfaces: ReadInterfaces | undefined;
}

/** The sockets of a port: one UDP socket and one TCP listener for each local address, all with one number. */
export class Endpoints {
  readonly udp: UdpEndpoint[] = [];
  readonly tcp: TcpEndpoint[] = [];
  readonly #init: TcpEndpointInit;
  readonly #options: EndpointsOptions;
  #port: number;

  constructor(init: TcpEndpointInit, options: EndpointsOptions) {
    this.#init = init;
    this.#options = options;
    this.#port = options.port;
  }

  /** The number; 0 before the first socket is open. */
  get port(): number {
    return this.#port;
  }

  get all(): Endpoint[] {
    return [...this.udp, ...this.tcp];
  }

  /** Opens all. @throws IcePortError; nothing is open then */
  async open(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#openAt(this.#wanted());
        return;
      } catch (error) {
        await this.close();
        const again = this.#options.port === 0 && tries < PORT_TRIES && isTaken(error);
        if (!again) throw error;
        this.#port = 0;
      }
    }
  }

  /** Opens sockets at addresses that the machine has got, and closes those at addresses it has lost. */
  async follow(): Promise<void> {
    const wanted = this.#wanted();
    await this.#openAt(wanted.filter((address) => !this.all.some((open) => open.address === address)));
    const lost = [...this.udp, ...this.tcp].filter(({ address }) => !wanted.includes(address));
    for (const endpoint of lost) this.#forget(endpoint);
    await Promise.all(lost.map((endpoint) => endpoint.close()));
  }

  async close(): Promise<void> {
    const open = [...this.udp.splice(0), ...this.tcp.splice(0)];
    await Promise.all(open.map((endpoint) => endpoint.close()));
  }

  #wanted(): string[] {
    return localAddresses(this.#options.hosts, this.#options.readInterfaces);
  }

  async #openAt(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      try {
        await this.#openOne(address);
      } catch (error) {
        // An address that the machine lists but cannot bind yet, as a new IPv6 one, must not stop the others.
        if (!(error instanceof IcePortError && error.code === 'no-address')) throw error;
        if (this.#options.hosts.includes(address)) throw error;
      }
    }
  }

  async #openOne(address: string): Promise<void> {
    if (this.#options.udp) {
      const endpoint = await UdpEndpoint.open(this.#init.context, address, this.#port);
      this.udp.push(endpoint);
      this.#port = endpoint.port;
    }
    if (!this.#options.tcp) return;
    const endpoint = this.#isHandedOver(address)
      ? TcpEndpoint.handedOver(this.#init, address, this.#port)
      : await TcpEndpoint.open(this.#init, address, this.#port);
    this.tcp.push(endpoint);
    this.#port = endpoint.port;
  }

  #isHandedOver(address: string): boolean {
    const { handedOver } = this.#options;
    return handedOver.some((host) => (isWildcard(host) ? sameFamily(host, address) : host === address));
  }

  #forget(endpoint: UdpEndpoint | TcpEndpoint): void {
    if (endpoint.transport === 'udp') this.udp.splice(this.udp.indexOf(endpoint), 1);
    else this.tcp.splice(this.tcp.indexOf(endpoint), 1);
  }

  /** Where a socket that came in at `localAddress` belongs; at an address that is not the port's, to one of its family. */
  tcpAt(localAddress: string): TcpEndpoint | undefined {
    const local = plainAddress(localAddress);
    const exact = this.tcp.find(({ address }) => address === local);
    return exact ?? this.tcp.find(({ address }) => sameFamily(address, local));
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof IcePortError && error.code === 'address-in-use';
}

function sameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}
