import { MAX_SDP_BYTES } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import { iceCredentialsOf } from './read.ts';
import { sdpLines } from './sections.ts';

const LINE = /^[a-z]=\P{Cc}*$/u;
/** RFC 8839 section 5.4: 4 to 256 and 22 to 256 characters. Its alphabet is `A-Za-z0-9+/`, but others are in use. */
const USERNAME_FRAGMENT = /^[!-~]{4,256}$/;
const PASSWORD = /^[!-~]{22,256}$/;

/**
 * A light look at a description that comes from outside, before anything is built on it: its size, its line
 * form, `v=0` first, an origin, at least one m-line, and ICE credentials of legal length. Says nothing of
 * what only the peer can judge.
 * @throws SignalingError `bad-sdp`, `oversize`
 */
export function assertSdp(sdp: string): void {
  if (sdp.length > MAX_SDP_BYTES || new TextEncoder().encode(sdp).length > MAX_SDP_BYTES) {
    throw new SignalingError('oversize', `The session description has more than ${MAX_SDP_BYTES} bytes`);
  }
  const lines = sdpLines(sdp).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw bad('does not begin with "v=0"');
  if (!lines.every((line) => LINE.test(line))) throw bad('has a line that is not of the form "x=…"');
  if (!lines.some((line) => line.startsWith('o='))) throw bad('has no origin line');
  if (!lines.some((line) => line.startsWith('m='))) throw bad('has no media line');
  const credentials = iceCredentialsOf(sdp);
  if (!credentials) throw bad('has no ICE credentials');
  if (!USERNAME_FRAGMENT.test(credentials.usernameFragment))
    throw bad('has an ICE ufrag of illegal length or form');
  if (!PASSWORD.test(credentials.password)) throw bad('has an ICE password of illegal length or form');
}

function bad(why: string): SignalingError {
  return new SignalingError(
    'bad-sdp',
    `The other end sent a session description that ${why} (RFC 8866, RFC 8839)`,
  );
}
