import { LOOPBACK_PATH, MAX_MESSAGE_BYTES, SCTP_PORT } from '@ouro/sctp';
import { DATA_CHANNEL_FORMAT, PACKET_SIZE_ATTRIBUTE } from './constants.ts';
import type { Section, Setup } from './parse.ts';

/** What our own description says. */
export interface LocalDescription {
  /** Stays the same for one peer (RFC 8829 section 5.2.1). */
  readonly sessionId: string;
  /** One more with each new description (RFC 3264 section 8). */
  readonly version: number;
  readonly ufrag: string;
  readonly pwd: string;
  /** The value of `a=fingerprint`: sha-256, and only that (RFC 8122). */
  readonly fingerprint: string;
  readonly setup: Setup;
  /** None if the offer has none. */
  readonly mid: string | undefined;
  readonly bundled: boolean;
  /** Lines `candidate:…`. */
  readonly candidates: readonly string[];
  readonly endOfCandidates: boolean;
  /** The sections of the offer that this answers, which all but `mLineIndex` are rejected; for an offer there are none. */
  readonly answered?: { readonly sections: readonly Section[]; readonly mLineIndex: number };
}

/** Our description (RFC 8829 section 5.2, 5.3), every line ended CRLF. */
export function formatDescription(local: LocalDescription): string {
  const ours = dataChannelSection(local);
  const { sections, mLineIndex } = local.answered ?? { sections: [], mLineIndex: 0 };
  const media = local.answered
    ? sections.flatMap((section, index) => (index === mLineIndex ? ours : rejectedSection(section)))
    : ours;
  const session = [
    'v=0',
    `o=- ${local.sessionId} ${local.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(local.bundled ? [`a=group:BUNDLE ${local.mid}`] : []),
  ];
  return [...session, ...media].map((line) => `${line}\r\n`).join('');
}

function dataChannelSection(local: LocalDescription): string[] {
  return [
    `m=application 9 UDP/DTLS/SCTP ${DATA_CHANNEL_FORMAT}`,
    'c=IN IP4 0.0.0.0',
    ...local.candidates.map((candidate) => `a=${candidate}`),
    ...(local.endOfCandidates ? ['a=end-of-candidates'] : []),
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${local.fingerprint}`,
    `a=setup:${local.setup}`,
    ...(local.mid === undefined ? [] : [`a=mid:${local.mid}`]),
    `a=sctp-port:${SCTP_PORT}`,
    `a=max-message-size:${MAX_MESSAGE_BYTES}`,
    `a=${PACKET_SIZE_ATTRIBUTE}:${LOOPBACK_PATH.mtu}`,
  ];
}

/** RFC 3264 section 6: a stream that is not wanted keeps its place, with port 0. */
function rejectedSection({ media, protocol, format, mid }: Section): string[] {
  const name = mid === undefined ? [] : [`a=mid:${mid}`];
  return [`m=${media} 0 ${protocol} ${format}`, 'c=IN IP4 0.0.0.0', ...name, 'a=inactive'];
}
