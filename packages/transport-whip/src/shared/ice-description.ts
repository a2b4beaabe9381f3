import { type IceCredentials, MAX_CANDIDATES, SignalingError, sdpAttribute } from '@ouro/signaling';
import { type CandidateLine, parseCandidate } from './candidate.ts';
import { MAX_MEDIA_SECTIONS, PASSWORD_CHARS, UFRAG_CHARS } from './constants.ts';
import { badLine } from './text.ts';

/** What one m-section says of ICE. */
export interface IceSection {
  /** The m-line without `m=`. In a fragment it means nothing; only `mid` links to the real one (RFC 8840 section 4.4). */
  mLine: string;
  mid: string | null;
  usernameFragment: string | null;
  password: string | null;
  candidates: CandidateLine[];
  endOfCandidates: boolean;
}

/** What a session description, or a fragment of one, says of ICE (RFC 8839 section 5). */
export interface IceDescription {
  iceLite: boolean;
  iceOptions: string[];
  icePacing: string | null;
  /** The mids of the BUNDLE group, in order; the first is the tagged one. */
  bundle: string[];
  usernameFragment: string | null;
  password: string | null;
  /** No more candidates for any m-section. */
  endOfCandidates: boolean;
  media: IceSection[];
}

/** The RFC has `A-Za-z0-9+/`, but others are in use. */
const ICE_CHARS = /^[!-~]*$/;

/** An empty description. */
export function emptyIceDescription(): IceDescription {
  return {
    iceLite: false,
    iceOptions: [],
    icePacing: null,
    bundle: [],
    usernameFragment: null,
    password: null,
    endOfCandidates: false,
    media: [],
  };
}

/**
 * Reads the ICE part of lines that start with `a=` or `m=`; other lines and unknown attributes are passed over.
 * Attribute names are taken in any case (RFC 8840 section 9.2), in any order within a section.
 * @throws SignalingError `bad-message` or `bad-candidate`, naming the line and never what stood there
 */
export function readIce(lines: readonly string[], what: string): IceDescription {
  const description = emptyIceDescription();
  let candidates = 0;
  for (const [index, line] of lines.entries()) {
    const { name = '', value = '' } = sdpAttribute(line) ?? {};
    if (name === 'candidate') candidates += 1;
    if (candidates > MAX_CANDIDATES) {
      badLine(
        'unprocessable',
        what,
        index,
        `is one candidate more than the ${MAX_CANDIDATES} that are taken`,
      );
    }
    const fail: Fail = (why, code = 'bad-message') => badLine(code, what, index, why);
    if (line.startsWith('m=')) startSection(description, line, what, index);
    else readAttribute(description, name, value, fail);
  }
  return description;
}

/**
 * The credentials that hold for all sections: of the sections, else of the session (RFC 8839 section 5.4). Null when there are none at all.
 * @throws SignalingError `bad-message` when only one of the two is there, or when sections of one bundle differ
 */
export function credentialsOf(description: IceDescription): IceCredentials | null {
  const pairs = [description, ...description.media].filter(
    (part) => part.usernameFragment !== null || part.password !== null,
  );
  const first = pairs[0];
  if (first === undefined) return null;
  const { usernameFragment, password } = first;
  if (usernameFragment === null || password === null) {
    throw new SignalingError(
      'bad-message',
      'The ICE ufrag and password must come together (RFC 8839 section 5.4)',
    );
  }
  if (pairs.some((part) => part.usernameFragment !== usernameFragment || part.password !== password)) {
    throw new SignalingError(
      'bad-message',
      'The m-sections have different ICE credentials; one bundle has one pair',
    );
  }
  return { usernameFragment, password };
}

type Fail = (why: string, code?: 'bad-message' | 'bad-candidate') => never;

function startSection(description: IceDescription, line: string, what: string, index: number): void {
  if (description.media.length >= MAX_MEDIA_SECTIONS) {
    badLine('unprocessable', what, index, `starts more than ${MAX_MEDIA_SECTIONS} m-sections`);
  }
  description.media.push({
    mLine: line.slice(2),
    mid: null,
    usernameFragment: null,
    password: null,
    candidates: [],
    endOfCandidates: false,
  });
}

function readAttribute(description: IceDescription, name: string, value: string, fail: Fail): void {
  const section = description.media.at(-1);
  const part = section ?? description;
  switch (name) {
    case 'ice-ufrag':
      part.usernameFragment = iceText(part.usernameFragment, value, UFRAG_CHARS, fail);
      return;
    case 'ice-pwd':
      part.password = iceText(part.password, value, PASSWORD_CHARS, fail);
      return;
    case 'end-of-candidates':
      part.endOfCandidates = true;
      return;
    case 'candidate':
      readCandidate(section ?? fail('is a candidate before the first m-line'), value, fail);
      return;
    case 'mid':
      if (section !== undefined) section.mid ??= value;
      return;
    default:
      if (section === undefined) readSessionAttribute(description, name, value);
  }
}

function readSessionAttribute(description: IceDescription, name: string, value: string): void {
  if (name === 'ice-lite') description.iceLite = true;
  if (name === 'ice-options') description.iceOptions = words(value);
  if (name === 'ice-pacing') description.icePacing = value;
  const [semantics, ...mids] = words(value);
  if (name === 'group' && semantics === 'BUNDLE') description.bundle = mids;
}

function readCandidate(section: IceSection, value: string, fail: Fail): void {
  try {
    section.candidates.push(parseCandidate(`candidate:${value}`));
  } catch {
    fail('is not a candidate of RFC 8839 section 5.1', 'bad-candidate');
  }
}

function iceText(
  before: string | null,
  value: string,
  chars: { min: number; max: number },
  fail: Fail,
): string {
  if (value.length < chars.min || value.length > chars.max || !ICE_CHARS.test(value)) {
    fail(`has not ${chars.min} to ${chars.max} visible characters (RFC 8839 section 5.4)`);
  }
  if (before !== null && before !== value) fail('changes the ICE credentials within a section');
  return value;
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== '');
}
