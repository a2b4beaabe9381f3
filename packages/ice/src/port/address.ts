import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** The far end of a path. */
export interface Remote {
  /** IP address as text; IPv4 never in its IPv6-mapped form. */
  readonly address: string;
  readonly port: number;
}

/** IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) as plain IPv4; everything else as it is. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** An IPv6 address without the name of its interface (`fe80::1%eth0`). */
export function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}

/** A key of maps for a remote address. */
export function remoteKey({ address, port }: Remote): string {
  return `${address} ${port}`;
}

/** What one subscriber has: an IPv4 address, or a /64 of IPv6. */
export function subscriber(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = withoutZone(address).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Reads the machine's addresses; given from outside in tests. */
export type ReadInterfaces = () => Record<string, { address: string; internal: boolean }[] | undefined>;

/**
 * The local addresses that `hosts` means, in order, each once: an address is itself; `0.0.0.0` and `::` are all
 * addresses of that family which other machines can reach (neither loopback nor link-local).
 */
export function localAddresses(
  hosts: readonly string[],
  readInterfaces: ReadInterfaces = networkInterfaces,
): string[] {
  const machine = hosts.some(isWildcard) ? reachable(readInterfaces()) : [];
  const meant = hosts.flatMap((host) => {
    if (host === '0.0.0.0') return machine.filter((address) => !isIPv6(address));
    if (host === '::') return machine.filter((address) => isIPv6(address));
    return [host];
  });
  return [...new Set(meant)];
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function reachable(interfaces: ReturnType<ReadInterfaces>): string[] {
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter(({ address, internal }) => !internal && !/^(169\.254\.|fe[89ab])/i.test(address))
    .map(({ address }) => address);
}
