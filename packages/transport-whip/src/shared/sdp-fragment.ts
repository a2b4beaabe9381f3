import { MAX_SDP_BYTES, SignalingError, sdpLines } from '@ouro/signaling';
import { type IceDescription, type IceSection, readIce } from './ice-description.ts';
import { badLine, byteLength, decodeText } from './text.ts';

const WHAT = 'ICE fragment';

/**
 * Decodes `application/trickle-ice-sdpfrag` (RFC 8840 section 9). Only `a=` and `m=` lines belong in it: a whole SDP is
 * refused. What an m-line says is ignored but for keeping it.
 * @throws SignalingError `bad-message`, `bad-candidate`, `oversize` (over 64 KiB), `unprocessable` (over 100 candidates or 32 sections)
 */
export function decodeSdpFragment(bytes: Uint8Array): IceDescription {
  const lines = sdpLines(decodeText(bytes, MAX_SDP_BYTES, WHAT));
  if (lines.length === 0) throw new SignalingError('bad-message', 'The ICE fragment is empty');
  lines.forEach((line, index) => {
    if (!/^[am]=./.test(line))
      badLine('bad-message', WHAT, index, 'is neither an attribute (a=) nor an m-line');
  });
  return readIce(lines, WHAT);
}

/**
 * Encodes `application/trickle-ice-sdpfrag`: every line ends CRLF, names are lower case, credentials at the level where
 * the description has them, `a=mid` directly before its candidates (RFC 8840 sections 4.4 and 9.2).
 * @throws SignalingError `oversize`
 */
export function encodeSdpFragment(description: IceDescription): string {
  const lines = [...sessionLines(description), ...description.media.flatMap(sectionLines)];
  const text = lines.map((line) => `${line}\r\n`).join('');
  if (byteLength(text) > MAX_SDP_BYTES) {
    throw new SignalingError('oversize', `The ICE fragment would have over ${MAX_SDP_BYTES} bytes`);
  }
  return text;
}

function sessionLines(description: IceDescription): string[] {
  return [
    ...(description.bundle.length > 0 ? [`a=group:BUNDLE ${description.bundle.join(' ')}`] : []),
    ...(description.iceLite ? ['a=ice-lite'] : []),
    ...(description.iceOptions.length > 0 ? [`a=ice-options:${description.iceOptions.join(' ')}`] : []),
    ...(description.icePacing === null ? [] : [`a=ice-pacing:${description.icePacing}`]),
    ...credentialLines(description),
    ...(description.endOfCandidates ? ['a=end-of-candidates'] : []),
  ];
}

function sectionLines(section: IceSection): string[] {
  return [
    `m=${section.mLine}`,
    ...credentialLines(section),
    ...(section.mid === null ? [] : [`a=mid:${section.mid}`]),
    ...section.candidates.map((candidate) => `a=${candidate.text}`),
    ...(section.endOfCandidates ? ['a=end-of-candidates'] : []),
  ];
}

function credentialLines(part: IceDescription | IceSection): string[] {
  return [
    ...(part.usernameFragment === null ? [] : [`a=ice-ufrag:${part.usernameFragment}`]),
    ...(part.password === null ? [] : [`a=ice-pwd:${part.password}`]),
  ];
}
