import { type CandidateLine as CandidateParts, parseCandidate as readCandidate } from '@ouro/signaling';

/** A candidate: the line, and what it says (RFC 8839 section 5.1). */
export interface CandidateLine extends CandidateParts {
  /** `candidate:…`, without `a=` and with the prefix in lower case. */
  readonly text: string;
}

const PREFIX = /^(?:a=)?candidate:/i;
const IP_V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IP_V6 = /^[0-9a-f:]*:[0-9a-f:.]*$/i;

/**
 * Reads one candidate, `candidate:…` or `a=candidate:…` in any case; unknown name and value pairs stay.
 * @throws SignalingError `bad-candidate`
 */
export function parseCandidate(line: string): CandidateLine {
  return { ...readCandidate(line), text: line.trim().replace(PREFIX, 'candidate:') };
}

/** What makes two candidates the same one: address, port, transport, component (RFC 8840 section 4.4). */
export function candidateKey(candidate: CandidateLine): string {
  const { address, port, transport, component } = candidate;
  return `${address.toLowerCase()} ${port} ${transport} ${component}`;
}

/**
 * Whether an ICE agent can use it: UDP or TCP, and an IP address. A name (`….local` of mDNS, or an FQDN) cannot be
 * resolved here and is passed over without an error (RFC 9725 section 4.3.1; RFC 8839 section 5.1).
 */
export function isUsable({ transport, address }: CandidateLine): boolean {
  return (transport === 'udp' || transport === 'tcp') && (IP_V4.test(address) || IP_V6.test(address));
}
