import type { Remote } from './address.ts';

/** One local address of the port in one protocol. */
export interface Endpoint {
  readonly transport: 'udp' | 'tcp';
  /** IP address as text. */
  readonly address: string;
  readonly port: number;
}

/** One UDP socket of the port. */
export interface DatagramEndpoint extends Endpoint {
  readonly transport: 'udp';
  /** Hands a packet to the kernel and calls `sent` when it took it, or not. False: it cannot be sent there. */
  send(packet: Uint8Array, remote: Remote, sent: () => void): boolean;
}

/** Where the port takes TCP connections: what goes out goes over one that the far end has opened. */
export interface StreamEndpoint extends Endpoint {
  readonly transport: 'tcp';
}

/** One local address of a port. */
export type PortEndpoint = DatagramEndpoint | StreamEndpoint;
