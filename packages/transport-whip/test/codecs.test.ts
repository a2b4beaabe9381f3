import { SignalingError } from '@ouro/signaling';
import { describe, expect, test } from 'vitest';
import {
  credentialsOf,
  decodeSdpFragment,
  encodeSdpFragment,
  formatIceServers,
  iceServersFromLink,
  ifMatchAllows,
  mediaType,
  parseEntityTag,
  parseIfMatch,
  parseLinkHeader,
  readDescription,
  withIce,
} from '../src/index.ts';
import {
  fragment,
  HOST_CANDIDATE,
  offerSdp,
  PASSWORD,
  SRFLX_CANDIDATE,
  TCP_CANDIDATE,
  UFRAG,
} from './support/sdp.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (text: string) => decodeSdpFragment(bytes(text));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (thrown) {
    if (!(thrown instanceof SignalingError)) throw thrown;
    return thrown.code;
  }
};

describe('application/trickle-ice-sdpfrag', () => {
  const whole = [HOST_CANDIDATE, SRFLX_CANDIDATE, TCP_CANDIDATE].map((line) => `a=${line}`);

  test('F1 reads what RFC 8840 puts into a fragment, and writes it again byte for byte', () => {
    const text = fragment([...whole, 'a=end-of-candidates']);
    const decoded = decode(text);
    expect(decoded).toMatchObject({ bundle: ['0'], usernameFragment: null, endOfCandidates: false });
    expect(decoded.media).toMatchObject([
      { mid: '0', usernameFragment: UFRAG, password: PASSWORD, endOfCandidates: true },
    ]);
    expect(decoded.media[0]?.candidates.map(({ text: line }) => line)).toEqual([
      HOST_CANDIDATE,
      SRFLX_CANDIDATE,
      TCP_CANDIDATE,
    ]);
    expect(encodeSdpFragment(decoded)).toBe(text);
  });

  test('F1 reads and writes the session part', () => {
    const text = `a=ice-lite\r\na=ice-options:trickle ice2\r\na=ice-pacing:50\r\na=ice-ufrag:${UFRAG}\r\na=ice-pwd:${PASSWORD}\r\n`;
    const decoded = decode(text);
    expect(decoded).toMatchObject({ iceLite: true, iceOptions: ['trickle', 'ice2'], icePacing: '50' });
    expect(encodeSdpFragment(decoded)).toBe(text);
  });

  test('F1 takes lines that end with LF alone', () => {
    expect(decode(fragment(whole).replaceAll('\r\n', '\n')).media[0]?.candidates).toHaveLength(3);
  });

  test('F2 passes over unknown attributes and what the m-line says, and takes names in any case', () => {
    const text = `a=x-new:1\r\nm=whatever it is\r\nA=foo\r\n`;
    expect(codeOf(() => decode(text))).toBe('bad-message');
    const mixed = fragment([
      `a=Candidate:${HOST_CANDIDATE.slice('candidate:'.length)}`,
      'a=End-Of-Candidates',
      'a=rtcp-mux',
      'a=x',
    ]);
    const decoded = decode(mixed.replace('a=ice-ufrag', 'a=ICE-UFRAG').replace('m=application', 'm=audio'));
    expect(decoded.media[0]).toMatchObject({ mid: '0', usernameFragment: UFRAG, endOfCandidates: true });
    expect(decoded.media[0]?.candidates).toHaveLength(1);
  });

  test('F3 credentials may stand at either level', () => {
    const session = `a=ice-ufrag:${UFRAG}\r\na=ice-pwd:${PASSWORD}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n`;
    for (const text of [session, fragment([])]) {
      expect(credentialsOf(decode(text))).toEqual({ usernameFragment: UFRAG, password: PASSWORD });
    }
    expect(credentialsOf(decode('a=ice-lite\r\n'))).toBeNull();
    expect(codeOf(() => credentialsOf(decode(`a=ice-ufrag:${UFRAG}\r\n`)))).toBe('bad-message');
    const two = `${fragment([])}m=audio 9 RTP/AVP 0\r\na=ice-ufrag:other\r\na=ice-pwd:${PASSWORD}\r\n`;
    expect(codeOf(() => credentialsOf(decode(two)))).toBe('bad-message');
  });

  test('F4 a=mid may stand anywhere in its section', () => {
    const text = fragment([`a=${HOST_CANDIDATE}`])
      .replace('a=mid:0\r\n', '')
      .concat('a=mid:0\r\n');
    expect(decode(text).media[0]).toMatchObject({ mid: '0', candidates: [{ text: HOST_CANDIDATE }] });
  });

  test('F5 end-of-candidates before the first m-line is for all, within a section for that one', () => {
    expect(decode(`a=end-of-candidates\r\n${fragment([])}`)).toMatchObject({
      endOfCandidates: true,
      media: [{ endOfCandidates: false }],
    });
    expect(decode(fragment(['a=end-of-candidates']))).toMatchObject({
      endOfCandidates: false,
      media: [{ endOfCandidates: true }],
    });
  });

  test.each([
    ['ufrag of 3', `a=ice-ufrag:abc\r\n`],
    ['ufrag of 257', `a=ice-ufrag:${'a'.repeat(257)}\r\n`],
    ['password of 21', `a=ice-pwd:${'a'.repeat(21)}\r\n`],
    ['password of 257', `a=ice-pwd:${'a'.repeat(257)}\r\n`],
    ['a change within a section', `a=ice-ufrag:aaaa\r\na=ice-ufrag:bbbb\r\n`],
  ])('F7 refuses an ICE %s', (_name, text) => {
    expect(codeOf(() => decode(text))).toBe('bad-message');
  });

  test('F7 keeps unknown pairs of a candidate, refuses a priority out of range, takes = in a ufrag as seen in the wild', () => {
    const extended = `a=${HOST_CANDIDATE} generation 0 network-cost 50`;
    expect(decode(fragment([extended])).media[0]?.candidates[0]?.text).toBe(extended.slice(2));
    expect(codeOf(() => decode(fragment([extended.replace('2122260223', '2147483648')])))).toBe(
      'bad-candidate',
    );
    expect(decode('a=ice-ufrag:ab==\r\n').usernameFragment).toBe('ab==');
  });

  test('F8 the credentials of the section count, not the ufrag on a candidate line', () => {
    const decoded = decode(fragment([`a=${HOST_CANDIDATE} ufrag EsAw`]));
    expect(credentialsOf(decoded)?.usernameFragment).toBe(UFRAG);
  });

  test('caps: 64 KiB, 100 candidates, 32 sections', () => {
    expect(codeOf(() => decode(`a=${'x'.repeat(64 * 1024)}`))).toBe('oversize');
    const candidates = (count: number) =>
      fragment(Array.from({ length: count }, () => `a=${HOST_CANDIDATE}`));
    expect(decode(candidates(100)).media[0]?.candidates).toHaveLength(100);
    expect(codeOf(() => decode(candidates(101)))).toBe('unprocessable');
    expect(decode('m=x\r\n'.repeat(32)).media).toHaveLength(32);
    expect(codeOf(() => decode('m=x\r\n'.repeat(33)))).toBe('unprocessable');
  });

  test('an error names the line and never what stood there', () => {
    const secret = 'a'.repeat(300);
    expect(() => decode(`a=ice-lite\r\na=ice-pwd:${secret}\r\n`)).toThrow(
      /^Line 2 of the ICE fragment (?!.*aaaa)/,
    );
  });
});

describe('an ICE restart rewrites a description', () => {
  test('credentials and candidates are replaced, the version grows, all else stays', () => {
    const sdp = offerSdp({ candidates: [HOST_CANDIDATE] });
    const ice = decode(fragment([`a=${SRFLX_CANDIDATE}`, 'a=end-of-candidates'], 'new1', 'n'.repeat(22)));
    const expected = offerSdp({ candidates: [SRFLX_CANDIDATE], ufrag: 'new1', password: 'n'.repeat(22) });
    expect(withIce(sdp, ice)).toBe(`${expected.replace('336 2 IN', '336 3 IN')}a=end-of-candidates\r\n`);
    expect(readDescription(withIce(sdp, ice)).credentials.usernameFragment).toBe('new1');
  });

  test('a fragment for an m-section that the session has not is refused', () => {
    const ice = decode(fragment([], 'new1', 'n'.repeat(22)).replace('a=mid:0', 'a=mid:9'));
    expect(codeOf(() => withIce(offerSdp(), ice))).toBe('bad-message');
  });
});

describe('entity-tags', () => {
  test('S24 reads *, "*", lists and weak tags', () => {
    expect(parseIfMatch('*')).toEqual({ any: true });
    expect(parseIfMatch(' "*" ')).toEqual({ any: true });
    expect(parseIfMatch('"a" , W/"b",,"c"')).toEqual({
      any: false,
      tags: [
        { weak: false, opaque: 'a' },
        { weak: true, opaque: 'b' },
        { weak: false, opaque: 'c' },
      ],
    });
    expect(ifMatchAllows(parseIfMatch('W/"a"'), 'a')).toBe(false);
    expect(ifMatchAllows(parseIfMatch('"b", "a"'), 'a')).toBe(true);
  });

  test.each(['', 'a', '"a', '"a" "b"', 'w/"a"', `"${'a'.repeat(2_000)}"`])('refuses %j', (header) => {
    expect(codeOf(() => parseIfMatch(header))).toBe('bad-message');
    expect(parseEntityTag(header)).toBeUndefined();
  });

  test('an ETag is one tag', () => {
    expect(parseEntityTag('"a"')).toEqual({ weak: false, opaque: 'a' });
    expect(parseEntityTag('"a", "b"')).toBeUndefined();
    expect(parseEntityTag(null)).toBeUndefined();
  });
});

describe('Link headers', () => {
  test('S11 reads tokens and quoted strings, several links, names in any case; the first of a repeated parameter', () => {
    const links = parseLinkHeader('<a>; REL=x ; title="q \\"u, <o>;", <b>;rel="x y";rel=z;flag , <c>');
    expect(links.map(({ target, parameters }) => [target, Object.fromEntries(parameters)])).toEqual([
      ['a', { rel: 'x', title: 'q "u, <o>;' }],
      ['b', { rel: 'x y', flag: '' }],
      ['c', {}],
    ]);
  });

  test('S11 ice-servers survive the way there and back', () => {
    const servers = [
      { urls: ['stun:stun.example.net:3478'] },
      {
        urls: ['turns:turn.example.net:443?transport=tcp'],
        username: '1760000000:alice',
        credential: 'iHg4vWLMya2pKXEZksF6LgR27K8="\\',
      },
    ];
    expect(iceServersFromLink(formatIceServers(servers).join(', '))).toEqual(servers);
  });

  test('S11 several URIs of one server become several links', () => {
    expect(formatIceServers([{ urls: ['stun:a', 'turn:b'] }])).toHaveLength(2);
    expect(codeOf(() => formatIceServers([{ urls: ['turn:b>; rel="x'] }]))).toBe('internal');
    expect(codeOf(() => formatIceServers([{ urls: ['turn:b'], username: 'a\r\nb' }]))).toBe('internal');
  });

  test('takes 16 ice-servers; a malformed or too long header gives none', () => {
    const many = Array.from({ length: 20 }, () => '<stun:a>; rel="ice-server"').join(', ');
    expect(iceServersFromLink(many)).toHaveLength(16);
    expect(iceServersFromLink('<stun:a; rel="ice-server"')).toEqual([]);
    expect(codeOf(() => parseLinkHeader('<a'))).toBe('bad-message');
    expect(codeOf(() => parseLinkHeader(`<${'a'.repeat(17_000)}>`))).toBe('oversize');
  });
});

test('S1 media types compare without case, space and parameters', () => {
  expect(mediaType(' Application/SDP ; charset=utf-8')).toBe('application/sdp');
  expect(mediaType('')).toBeUndefined();
  expect(mediaType(undefined)).toBeUndefined();
});
