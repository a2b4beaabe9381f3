import { createHash } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from './endpoint.ts';

/** A host candidate of the port (RFC 8839 section 5.1, RFC 6544 section 4.5). Component is 1. */
export interface PortCandidate {
  readonly endpoint: Endpoint;
  readonly foundation: string;
  readonly transport: 'udp' | 'tcp';
  /** 1 to 2^31 - 1. */
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly tcptype: 'passive' | undefined;
}

/** Type preferences: all UDP above all TCP (RFC 6544 section 4.2). */
const TYPE_PREFERENCE = { udp: 126, tcp: 125 };
const TCP_PASSIVE_DIRECTION = 4;
const TCP_ACTIVE_DIRECTION = 6;
/** The largest "other preference" of RFC 6544 section 4.2. */
const MAX_OTHER = 8191;

/** Priority of the host candidate that is `rank`-th (from 0) among the machine's own (RFC 8445 5.1.2, RFC 6544 4.2). */
export function hostPriority(transport: 'udp' | 'tcp-passive' | 'tcp-active', rank: number): number {
  const other = Math.max(0, MAX_OTHER - rank);
  const direction = transport === 'tcp-active' ? TCP_ACTIVE_DIRECTION : TCP_PASSIVE_DIRECTION;
  const local = transport === 'udp' ? other : direction * (MAX_OTHER + 1) + other;
  const type = transport === 'udp' ? TYPE_PREFERENCE.udp : TYPE_PREFERENCE.tcp;
  return type * 2 ** 24 + local * 2 ** 8 + 255;
}

/** Equal for candidates of one base address and protocol, and for no others (RFC 8445 section 5.1.1.3). */
export function foundation(transport: string, base: string): string {
  return createHash('sha256').update(`host ${transport} ${base}`).digest('hex').slice(0, 12);
}

/** How the port's addresses are announced. */
export interface Announcement {
  /** Addresses that a static NAT maps one to one, same port, to this machine. */
  readonly publicAddresses: readonly string[];
  /** Whether the machine's own addresses are announced beside them. */
  readonly announceLocal: boolean;
}

/** What each endpoint announces, best first; every endpoint has at least one place in it unless nothing is announced. */
export function portCandidates(endpoints: readonly Endpoint[], announcement: Announcement): PortCandidate[] {
  return (['udp', 'tcp'] as const).flatMap((transport) => {
    const mine = endpoints.filter((endpoint) => endpoint.transport === transport);
    const pairs = mine.flatMap((endpoint) => announced(endpoint, mine, announcement));
    return pairs.map(({ endpoint, address }, rank) => candidate(endpoint, address, rank));
  });
}

/** A public address stands for the first local one of its family. */
function announced(
  endpoint: Endpoint,
  all: readonly Endpoint[],
  { publicAddresses, announceLocal }: Announcement,
) {
  const family = isIP(endpoint.address);
  const first = all.find(({ address }) => isIP(address) === family);
  const mapped = first === endpoint ? publicAddresses.filter((address) => isIP(address) === family) : [];
  const covered = publicAddresses.some((address) => isIPv6(address) === isIPv6(endpoint.address));
  const local = announceLocal || !covered ? [endpoint.address] : [];
  return [...local, ...mapped].map((address) => ({ endpoint, address }));
}

function candidate(endpoint: Endpoint, address: string, rank: number): PortCandidate {
  const { transport, port } = endpoint;
  return {
    endpoint,
    foundation: foundation(transport, endpoint.address),
    transport,
    priority: hostPriority(transport === 'udp' ? 'udp' : 'tcp-passive', rank),
    address,
    port,
    tcptype: transport === 'tcp' ? 'passive' : undefined,
  };
}
