import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { canonicalAddress, isAddress, type TransportAddress } from '@ouro/base/node';
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

const LINE =
  /^(?:a=)?candidate:([A-Za-z0-9+/]{1,32}) (\d{1,3}) (\S{1,16}) (\d{1,10}) (\S{1,255}) (\d{1,5}) typ (\S{1,16})((?: \S+)*) *$/i;
const TYPES: readonly string[] = ['host', 'srflx', 'prflx', 'relay'];

/** Reads a candidate line. @throws DOMException `OperationError` if it is malformed */
export function parseCandidate(line: string): ParsedCandidate {
  const match = LINE.exec(line);
  if (match === null) throw malformed('it does not have the form of RFC 8839');
  const [
    ,
    foundation = '',
    component,
    protocol = '',
    priority,
    address = '',
    port,
    type = '',
    extensions = '',
  ] = match;
  const numbers = { component: Number(component), priority: Number(priority), port: Number(port) };
  if (numbers.component < 1 || numbers.component > 256) throw malformed('its component is not 1 to 256');
  if (numbers.priority < 1 || numbers.priority >= 2 ** 31) throw malformed('its priority is not 1 to 2^31-1');
  if (numbers.port > 65_535) throw malformed('its port is over 65535');
  const kind = transportOf(protocol, extensions);
  if (kind === undefined) return { unusable: `transport ${protocol}` };
  if (!isCandidateType(type)) return { unusable: `type ${type}` };
  if (!isAddress(address)) return { unusable: 'a name instead of an address' };
  if (numbers.component !== 1 || numbers.port === 0) return { unusable: 'another component, or no port' };
  return { foundation, address: canonicalAddress(address), type, ...numbers, ...kind };
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
function transportOf(
  protocol: string,
  extensions: string,
): { protocol: 'udp' } | { protocol: 'tcp'; tcpType: TcpType } | undefined {
  if (/^udp$/i.test(protocol)) return { protocol: 'udp' };
  const [, tcpType] = / tcptype (active|passive)(?: |$)/.exec(extensions) ?? [];
  const tcp = /^tcp$/i.test(protocol) && (tcpType === 'active' || tcpType === 'passive');
  return tcp ? { protocol: 'tcp', tcpType } : undefined;
}

function isCandidateType(type: string): type is CandidateType {
  return TYPES.includes(type);
}

function malformed(why: string): DOMException {
  return new DOMException(`The candidate is malformed: ${why}`, 'OperationError');
}
