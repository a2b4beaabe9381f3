import { attributeValues, readSdp, type SdpSection, sdpAttribute, sdpLines } from './sections.ts';

const CANDIDATE_NAMES: readonly string[] = ['candidate', 'end-of-candidates'];

/** The credentials of one ICE generation (RFC 8839 section 5.4). `password` is a secret. */
export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** A candidate that stands in a description, in the shape of W3C RTCIceCandidateInit. */
export interface DescribedCandidate {
  /** Begins with `candidate:`. */
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number;
}

/** The ICE credentials of the first m-section, or of the session where it has none; undefined if either is missing. */
export function iceCredentialsOf(sdp: string): IceCredentials | undefined {
  const usernameFragment = first(sdp, 'ice-ufrag');
  const password = first(sdp, 'ice-pwd');
  return usernameFragment && password ? { usernameFragment, password } : undefined;
}

/** `a=setup` (RFC 8842 section 5) of the first m-section, else of the session, in lower case. */
export function setupOf(sdp: string): string | undefined {
  return first(sdp, 'setup')?.toLowerCase();
}

/** `a=mid` (RFC 5888) of the m-section with this index; 0 is the first. */
export function midOf(sdp: string, index = 0): string | undefined {
  return attributeValues(readSdp(sdp).media[index], 'mid')[0];
}

/**
 * The values of the `a=fingerprint` lines as they stand, such as `sha-256 AB:CD:…`: those of the session
 * level where it has any, else those of all m-sections, in order, each once.
 */
export function fingerprintLinesOf(sdp: string): string[] {
  const { session, media } = readSdp(sdp);
  const atSession = attributeValues(session, 'fingerprint');
  const lines =
    atSession.length > 0 ? atSession : media.flatMap((section) => attributeValues(section, 'fingerprint'));
  return [...new Set(lines)];
}

/** The candidates that stand in a description, in order. */
export function candidatesOf(sdp: string): DescribedCandidate[] {
  return readSdp(sdp).media.flatMap((section, sdpMLineIndex) => {
    const sdpMid = attributeValues(section, 'mid')[0] ?? null;
    const lines = attributeValues(section, 'candidate');
    return lines.map((line) => ({ candidate: `candidate:${line}`, sdpMid, sdpMLineIndex }));
  });
}

/** Whether a description says `a=end-of-candidates` (RFC 8840 section 8.2) for the session or for every m-section. */
export function hasEndOfCandidates(sdp: string): boolean {
  const { session, media } = readSdp(sdp);
  const says = ({ attributes }: SdpSection) => attributes.some(({ name }) => name === 'end-of-candidates');
  return says(session) || (media.length > 0 && media.every(says));
}

/** The description without its candidates, end-of-candidates and empty lines, every line ended CRLF. */
export function stripCandidates(sdp: string): string {
  const kept = sdpLines(sdp).filter((line) => line !== '' && !isCandidateLine(line));
  return kept.map((line) => `${line}\r\n`).join('');
}

/** Whether the line of an SDP is a candidate, or says that there are no more. */
export function isCandidateLine(line: string): boolean {
  return CANDIDATE_NAMES.includes(sdpAttribute(line)?.name ?? '');
}

function first(sdp: string, name: string): string | undefined {
  const { session, media } = readSdp(sdp);
  return attributeValues(media[0], name)[0] ?? attributeValues(session, name)[0];
}
