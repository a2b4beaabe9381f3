import { SCTP_PORT } from '@ouro/sctp';
import { attributeValues, MAX_SDP_BYTES, readSdp, type SdpSection } from '@ouro/signaling';
import {
  DATA_CHANNEL_FORMAT,
  DATA_CHANNEL_PROTOCOLS,
  MAX_SECTIONS,
  PACKET_SIZE_ATTRIBUTE,
  PWD,
  UFRAG,
} from './constants.ts';

/** How the DTLS roles are to be found (RFC 8842 section 4.1). */
export type Setup = 'actpass' | 'active' | 'passive';

/** One `m=` section, as far as an answer has to repeat it. */
export interface Section {
  /** `media proto format…` without the port. */
  readonly media: string;
  readonly protocol: string;
  readonly format: string;
  readonly mid: string | undefined;
}

/** What a far end's description says of the connection that carries data channels. */
export interface RemoteDescription {
  readonly ufrag: string;
  readonly pwd: string;
  readonly setup: Setup;
  /** Of the data channel section. */
  readonly mid: string | undefined;
  /** The section shares one transport with others (RFC 8843). */
  readonly bundled: boolean;
  readonly mLineIndex: number;
  /** Bytes; 0 for no limit; undefined if it does not say. */
  readonly maxMessageBytes: number | undefined;
  /** Largest SCTP packet, in bytes, that it is known to take; undefined if it does not say. */
  readonly maxPacketBytes: number | undefined;
  /** Lines `candidate:…`. */
  readonly candidates: readonly string[];
  readonly endOfCandidates: boolean;
  readonly sections: readonly Section[];
}

/**
 * Reads a description of any provenance (RFC 8829 section 5.8): the first section for data channels that is not
 * rejected counts. @throws DOMException `OperationError` with what is wrong, never with what the description says
 */
export function parseDescription(sdp: string): RemoteDescription {
  if (sdp.length > MAX_SDP_BYTES) throw bad(`it is over ${MAX_SDP_BYTES} characters`);
  if (!sdp.startsWith('v=0')) throw bad('it does not begin with v=0');
  const { session, media } = readSdp(sdp);
  if (media.length > MAX_SECTIONS) throw bad(`it has more than ${MAX_SECTIONS} sections`);
  const mLineIndex = media.findIndex(isDataChannel);
  const section = media[mLineIndex];
  if (section === undefined) throw bad('it has no section for data channels');
  const find = (name: string): string | undefined => firstOf(section, name) ?? firstOf(session, name);
  const port = firstOf(section, 'sctp-port');
  if (port !== undefined && Number(port) !== SCTP_PORT) throw bad(`its SCTP port is not ${SCTP_PORT}`);
  const mid = firstOf(section, 'mid');
  return {
    ufrag: matching(find('ice-ufrag'), UFRAG, 'ice-ufrag'),
    pwd: matching(find('ice-pwd'), PWD, 'ice-pwd'),
    setup: setupOf(find('setup')),
    mid,
    bundled: mid !== undefined && isBundled(attributeValues(session, 'group'), mid),
    mLineIndex,
    maxMessageBytes: sizeOf(section, 'max-message-size'),
    maxPacketBytes: sizeOf(section, PACKET_SIZE_ATTRIBUTE),
    candidates: attributeValues(section, 'candidate').map((value) => `candidate:${value}`),
    endOfCandidates: find('end-of-candidates') !== undefined,
    sections: media.map(toSection),
  };
}

function firstOf(section: SdpSection, name: string): string | undefined {
  return attributeValues(section, name)[0];
}

function isDataChannel({ lines: [line = ''] }: SdpSection): boolean {
  const [media, port, protocol = '', format] = line.split(' ');
  const fits = media === 'm=application' && format === DATA_CHANNEL_FORMAT;
  return fits && port !== '0' && DATA_CHANNEL_PROTOCOLS.includes(protocol);
}

function toSection(section: SdpSection): Section {
  const [line = ''] = section.lines;
  const [media = '', , protocol = '', ...formats] = line.slice('m='.length).split(' ');
  return { media, protocol, format: formats.join(' '), mid: firstOf(section, 'mid') };
}

function isBundled(groups: readonly string[], mid: string): boolean {
  return groups.some((group) => {
    const [semantics, ...mids] = group.split(' ');
    return semantics === 'BUNDLE' && mids.includes(mid);
  });
}

function matching(value: string | undefined, form: RegExp, name: string): string {
  if (value === undefined) throw bad(`it has no ${name}`);
  if (!form.test(value)) throw bad(`its ${name} does not have the form of RFC 8839`);
  return value;
}

function setupOf(said: string | undefined): Setup {
  const value = said?.toLowerCase();
  if (value === 'actpass' || value === 'active' || value === 'passive') return value;
  throw bad('it has no setup that can be used (actpass, active or passive)');
}

function sizeOf(section: SdpSection, name: string): number | undefined {
  const value = firstOf(section, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,20}$/.test(value)) throw bad(`its ${name} is not a number`);
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function bad(why: string): DOMException {
  return new DOMException(`The session description cannot be used: ${why}`, 'OperationError');
}
