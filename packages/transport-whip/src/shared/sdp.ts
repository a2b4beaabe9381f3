import { type IceCredentials, MAX_SDP_BYTES, SignalingError } from '@ouro/signaling';
import { credentialsOf, type IceDescription, readIce } from './ice-description.ts';
import { byteLength, sdpLines } from './text.ts';

/** A whole session description, as far as signaling reads it. */
export interface DescriptionInfo extends IceDescription {
  /** ICE credentials of the bundle. */
  readonly credentials: IceCredentials;
  /** All `a=setup` values, lower case (RFC 8842 section 5.1). */
  readonly setup: readonly string[];
}

const LINE = /^[a-z]=/;
const SETUP = /^a=setup:\s*(\S+)\s*$/i;

/**
 * Reads a session description (RFC 8866): its order of `v=`, `o=`, `s=`, at least one m-section, ICE credentials in their
 * limits, well-formed candidates.
 * @throws SignalingError `bad-sdp`, `oversize`
 */
export function readDescription(sdp: string): DescriptionInfo {
  if (sdp.length > MAX_SDP_BYTES || byteLength(sdp) > MAX_SDP_BYTES) {
    throw new SignalingError('oversize', `The session description has over ${MAX_SDP_BYTES} bytes`);
  }
  const lines = sdpLines(sdp);
  if (!isSdp(lines)) {
    throw new SignalingError(
      'bad-sdp',
      'The body is not a session description: it must start with v=0, o= and s= (RFC 8866)',
    );
  }
  const ice = asBadSdp(() => readIce(lines, 'session description'));
  if (ice.media.length === 0)
    throw new SignalingError(
      'bad-sdp',
      'The session description has no m-section: there is nothing to connect',
    );
  const credentials = asBadSdp(() => credentialsOf(ice));
  if (credentials === null) {
    throw new SignalingError(
      'bad-sdp',
      'The session description has no ICE credentials (a=ice-ufrag and a=ice-pwd)',
    );
  }
  const setup = lines.flatMap((line) => SETUP.exec(line)?.[1]?.toLowerCase() ?? []);
  return { ...ice, credentials, setup };
}

/**
 * The same session with the ICE part of `ice`: what an ICE restart changes (RFC 8839 section 4.4.1.1.1). Credentials
 * stay at their level, candidates of the old generation go, the version in `o=` grows by one.
 * @throws SignalingError `bad-message` when `ice` has no credentials or names an m-section that the session has not
 */
export function withIce(sdp: string, ice: IceDescription): string {
  const credentials = credentialsOf(ice);
  if (credentials === null)
    throw new SignalingError('bad-message', 'An ICE restart needs new ICE credentials');
  const kept = sdpLines(sdp).filter((line) => !/^a=(?:candidate:|end-of-candidates)/i.test(line));
  const sections = splitSections(kept.map((line) => renewed(line, credentials)));
  const [session = [], ...media] = sections;
  const mids = media.map((lines) => midOf(lines));
  for (const { mid } of ice.media) {
    if (mid !== null && !mids.includes(mid)) {
      throw new SignalingError(
        'bad-message',
        'The ICE fragment names an m-section (a=mid) that the session has not',
      );
    }
  }
  const filled = media.flatMap((lines, index) => [
    ...lines,
    ...candidateLines(ice, mids[index] ?? null, index),
  ]);
  return [...session, ...filled].map((line) => `${line}\r\n`).join('');
}

function candidateLines(ice: IceDescription, mid: string | null, index: number): string[] {
  const mine = ice.media.filter((section) => (section.mid === null ? index === 0 : section.mid === mid));
  const ended = ice.endOfCandidates || mine.some((section) => section.endOfCandidates);
  return [
    ...mine.flatMap((section) => section.candidates.map(({ text }) => `a=${text}`)),
    ...(ended ? ['a=end-of-candidates'] : []),
  ];
}

function renewed(line: string, credentials: IceCredentials): string {
  if (/^a=ice-ufrag:/i.test(line)) return `a=ice-ufrag:${credentials.usernameFragment}`;
  if (/^a=ice-pwd:/i.test(line)) return `a=ice-pwd:${credentials.password}`;
  const [, before, version, after] = /^(o=\S+ \S+ )(\d{1,20})( .*)$/.exec(line) ?? [];
  return version === undefined ? line : `${before}${BigInt(version) + 1n}${after}`;
}

function splitSections(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
}

function midOf(lines: readonly string[]): string | null {
  return lines.flatMap((line) => /^a=mid:\s*(\S+)/i.exec(line)?.[1] ?? [])[0] ?? null;
}

function isSdp(lines: readonly string[]): boolean {
  const [version, origin, subject] = lines;
  const shaped = version === 'v=0' && origin?.startsWith('o=') === true && subject?.startsWith('s=') === true;
  return shaped && lines.every((line) => LINE.test(line));
}

function asBadSdp<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const error = SignalingError.from(thrown);
    throw error.code === 'unprocessable'
      ? error
      : new SignalingError('bad-sdp', error.message, { cause: error });
  }
}
