import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { canonicalAddress, isAddress, type TransportAddress } from '@ouro/base/node';
import { type CandidateLine, parseCandidate as readCandidateLine, SignalingError } from '@ouro/signaling';
import { TCP_DIRECTION_PREFERENCE, TCP_TYPE_PREFERENCE, TYPE_PREFERENCE } from './constants.ts';
import type { IceSocket, RelayPath, TcpType } from './socket.ts';

/** RFC 8445 section 5.1.1. */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** One ICE candidate (RFC 8839 section 5.1). */
export interface IceCandidate extends TransportAddress {
  readonly foundation: string;
  readonly component: number;
  readonly protocol: 'udp' | 'tcp';
  readonly priority: number;
  readonly type: CandidateType;
  /** For TCP (RFC 6544 section 4.5). */
  readonly tcpType?: TcpType;
  readonly related?: TransportAddress;
  /** How the relay is reached, for one of ours. */
  readonly relayProtocol?: RelayPath['protocol'];
}

/** What a line of a far end says: a candidate, or why it is none that could be used here. */
export type ParsedCandidate = IceCandidate | { readonly unusable: string };

const TYPES = ['host', 'srflx', 'prflx', 'relay'] as const;

/** Reads a candidate line. @throws DOMException `OperationError` if it is malformed */
export function parseCandidate(line: string): ParsedCandidate {
  const { foundation, component, priority, address, port, ...said } = readLine(line);
  const kind = transportOf(said);
  if (kind === undefined) return { unusable: `transport ${said.transport}` };
  const type = TYPES.find((known) => known === said.type);
  if (type === undefined) return { unusable: `type ${said.type}` };
  if (!isAddress(address)) return { unusable: 'a name instead of an address' };
  if (component !== 1 || port === 0) return { unusable: 'another component, or no port' };
  return { foundation, component, priority, address: canonicalAddress(address), port, type, ...kind };
}

/** The line of a candidate of ours, without `a=`. */
export function formatCandidate(candidate: IceCandidate, ufrag: string): string {
  const { foundation, component, protocol, priority, address, port, type, related, tcpType } = candidate;
  const base = `candidate:${foundation} ${component} ${protocol} ${priority} ${address} ${port} typ ${type}`;
  const relation = related === undefined ? '' : ` raddr ${related.address} rport ${related.port}`;
  const tcp = tcpType === undefined ? '' : ` tcptype ${tcpType}`;
  return `${base}${relation}${tcp} generation 0 ufrag ${ufrag}`;
}

/** The candidate that a socket of ours is; `index`: its place among all of them. */
export function localCandidate({ local, tcpType, relay }: IceSocket, index: number): IceCandidate {
  const preference = addressPreference(local.address, index);
  if (relay !== undefined) {
    const { related, protocol: relayProtocol } = relay;
    const foundation = candidateFoundation('relay', local.address, relayProtocol);
    const priority = candidatePriority('relay', preference - RELAY_DETRIMENT[relayProtocol]);
    const kind = { component: 1, type: 'relay', protocol: 'udp' } as const;
    return { ...local, ...kind, foundation, priority, related, relayProtocol };
  }
  const host = { ...local, component: 1, type: 'host' } as const;
  if (tcpType === undefined) {
    const foundation = candidateFoundation('host', local.address);
    return { ...host, foundation, protocol: 'udp', priority: candidatePriority('host', preference) };
  }
  const foundation = candidateFoundation('host', local.address, `tcp ${tcpType}`);
  // RFC 6544 section 4.2: the direction counts most, and UDP comes before TCP whatever it is.
  const tcpPreference = 2 ** 13 * TCP_DIRECTION_PREFERENCE[tcpType] + (preference & 0x1fff);
  const priority = 2 ** 24 * TCP_TYPE_PREFERENCE + 2 ** 8 * tcpPreference + 255;
  return { ...host, foundation, protocol: 'tcp', tcpType, priority };
}

/** A relay that is reached over a stream waits for every lost packet: one over UDP comes first. */
const RELAY_DETRIMENT = { udp: 0, tcp: 1000, tls: 2000 } as const;

/** RFC 8445 section 5.1.2.1, one component. `preference`: 0 to 65535, among candidates of the same type. */
export function candidatePriority(type: CandidateType, preference: number): number {
  return 2 ** 24 * TYPE_PREFERENCE[type] + 2 ** 8 * preference + 255;
}

/** The preference that a priority was made with. */
export function localPreference({ priority }: IceCandidate): number {
  return (priority >>> 8) & 0xffff;
}

/** Same for candidates of one type, base address, server and protocol (RFC 8445 section 5.1.1.3). */
export function candidateFoundation(type: CandidateType, base: string, server = ''): string {
  return createHash('sha256').update(`${type} ${base} ${server} udp`).digest('hex').slice(0, 8);
}

/** Local preference of the address at this place of the list: IPv6 first where both are (RFC 8421 section 4), then in order. */
function addressPreference(address: string, index: number): number {
  return (isIPv4(address) ? 32_000 : 65_000) - index;
}

/** UDP, or TCP with a direction that pairs (RFC 6544 section 6.2). */
function transportOf({
  transport,
  tcptype,
}: Pick<CandidateLine, 'transport' | 'tcptype'>): Pick<IceCandidate, 'protocol' | 'tcpType'> | undefined {
  if (transport === 'udp') return { protocol: 'udp' };
  const pairs = transport === 'tcp' && (tcptype === 'active' || tcptype === 'passive');
  return pairs ? { protocol: 'tcp', tcpType: tcptype } : undefined;
}

/** As WebRTC's addIceCandidate fails: with an OperationError (W3C WebRTC section 4.4.2). */
function readLine(line: string): CandidateLine {
  try {
    return readCandidateLine(line);
  } catch (error) {
    const why = error instanceof SignalingError ? error.message : 'The candidate is malformed';
    throw new DOMException(why, 'OperationError');
  }
}
