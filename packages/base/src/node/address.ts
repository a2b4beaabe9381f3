import { isIPv4, SocketAddress } from 'node:net';

/** Where a datagram comes from or goes to. IPv6 in its shortest form (RFC 5952), without a zone. */
export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

/** Whether the text is an IP address. `net.isIP` takes 5 ms to compile its expression on its first use, during a connect. */
export function isAddress(text: string): boolean {
  if (isIPv4(text)) return true;
  try {
    return (
      text.includes(':') &&
      new SocketAddress({ address: withoutZone(text), family: 'ipv6' }).family === 'ipv6'
    );
  } catch {
    return false;
  }
}

/** Whether both name the same address and port; both in the form of `TransportAddress`. */
export function sameAddress(a: TransportAddress, b: TransportAddress): boolean {
  return a.port === b.port && a.address === b.address;
}

/** One text for one address: IPv6 as the system prints it. IPv4 and what is no address stay as they are. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  return new SocketAddress({ address: withoutZone(address), family: 'ipv6' }).address;
}

/** An address as the system tells it, without the interface that a link-local one is on. */
export function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
