import {
  attributeValues,
  type IceCredentials,
  isCandidateLine,
  MAX_SDP_BYTES,
  readSdp,
  SignalingError,
  sdpAttribute,
  sdpLines,
} from '@ouro/signaling';
import { credentialsOf, type IceDescription, readIce } from './ice-description.ts';
import { byteLength } from './text.ts';

/** A whole session description, as far as signaling reads it. */
export interface DescriptionInfo extends IceDescription {
  /** ICE credentials of the bundle. */
  readonly credentials: IceCredentials;
  /** All `a=setup` values, lower case (RFC 8842 section 5.1). */
  readonly setup: readonly string[];
}

const LINE = /^[a-z]=/;

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
  const { session, media } = readSdp(lines);
  const setup = [session, ...media].flatMap((section) => attributeValues(section, 'setup'));
  return { ...ice, credentials, setup: setup.map((value) => value.toLowerCase()) };
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
  const kept = sdpLines(sdp).filter((line) => !isCandidateLine(line));
  const { session, media } = readSdp(kept.map((line) => renewed(line, credentials)));
  const mids = media.map((section) => attributeValues(section, 'mid')[0] ?? null);
  for (const { mid } of ice.media) {
    if (mid !== null && !mids.includes(mid)) {
      throw new SignalingError(
        'bad-message',
        'The ICE fragment names an m-section (a=mid) that the session has not',
      );
    }
  }
  const filled = media.flatMap(({ lines }, index) => [
    ...lines,
    ...candidateLines(ice, mids[index] ?? null, index),
  ]);
  return [...session.lines, ...filled].map((line) => `${line}\r\n`).join('');
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
  const name = sdpAttribute(line)?.name;
  if (name === 'ice-ufrag') return `a=ice-ufrag:${credentials.usernameFragment}`;
  if (name === 'ice-pwd') return `a=ice-pwd:${credentials.password}`;
  const [, before, version, after] = /^(o=\S+ \S+ )(\d{1,20})( .*)$/.exec(line) ?? [];
  return version === undefined ? line : `${before}${BigInt(version) + 1n}${after}`;
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
