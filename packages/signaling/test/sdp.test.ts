import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertSdp,
  candidatesOf,
  fingerprintLinesOf,
  hasEndOfCandidates,
  iceCredentialsOf,
  MAX_SDP_BYTES,
  midOf,
  SignalingError,
  setupOf,
  stripCandidates,
} from '../src/index.ts';

const join = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('');
const HEAD = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const MEDIA = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel';
const PASSWORD = 'abcdefghijklmnopqrstuv';
const ICE = ['a=ice-ufrag:abcd', `a=ice-pwd:${PASSWORD}`];
const LINE = 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host';
const WHOLE = join(
  ...HEAD,
  MEDIA,
  ...ICE,
  'a=fingerprint:sha-256 AB:CD',
  'a=setup:actpass',
  'a=mid:data',
  `a=${LINE}`,
);

describe('reading', () => {
  test('what stands in the m-section', () => {
    expect(iceCredentialsOf(WHOLE)).toEqual({ usernameFragment: 'abcd', password: PASSWORD });
    expect([setupOf(WHOLE), midOf(WHOLE), midOf(WHOLE, 1)]).toEqual(['actpass', 'data', undefined]);
    expect(fingerprintLinesOf(WHOLE)).toEqual(['sha-256 AB:CD']);
    expect(candidatesOf(WHOLE)).toEqual([{ candidate: LINE, sdpMid: 'data', sdpMLineIndex: 0 }]);
  });

  test('what stands at the session, with any line end', () => {
    const sdp = join(...HEAD, ...ICE, 'a=setup:ACTIVE', 'a=fingerprint:sha-256 AB:CD', MEDIA).replaceAll(
      '\r\n',
      '\n',
    );
    expect(iceCredentialsOf(sdp)?.usernameFragment).toBe('abcd');
    expect(setupOf(sdp)).toBe('active');
    expect(fingerprintLinesOf(sdp)).toEqual(['sha-256 AB:CD']);
  });

  test('of credentials at both levels those of the m-section', () => {
    const other = ['a=ice-ufrag:wxyz', `a=ice-pwd:${PASSWORD}x`];
    expect(iceCredentialsOf(join(...HEAD, ...other, MEDIA, ...ICE))?.usernameFragment).toBe('abcd');
  });

  test('of fingerprints at both levels those of the session; else of all m-sections, each once', () => {
    const line = (hex: string) => `a=fingerprint:sha-256 ${hex}`;
    expect(fingerprintLinesOf(join(...HEAD, line('AA'), line('BB'), MEDIA, line('CC')))).toEqual([
      'sha-256 AA',
      'sha-256 BB',
    ]);
    expect(fingerprintLinesOf(join(...HEAD, MEDIA, line('AA'), MEDIA, line('AA'), line('BB')))).toEqual([
      'sha-256 AA',
      'sha-256 BB',
    ]);
    expect(fingerprintLinesOf(join(...HEAD, MEDIA))).toEqual([]);
  });

  test('names of attributes in any case', () => {
    expect(iceCredentialsOf(join(...HEAD, MEDIA, 'a=ICE-UFRAG:abcd', `a=Ice-Pwd:${PASSWORD}`))).toBeDefined();
  });

  test('candidates of several m-sections, also without a mid', () => {
    const sdp = join(...HEAD, MEDIA, 'a=mid:0', `a=${LINE}`, MEDIA, `A=no`, `a=${LINE}`);
    expect(candidatesOf(sdp).map(({ sdpMid, sdpMLineIndex }) => [sdpMid, sdpMLineIndex])).toEqual([
      ['0', 0],
      [null, 1],
    ]);
  });

  test.each([
    [join(...HEAD, 'a=end-of-candidates', MEDIA), true],
    [join(...HEAD, MEDIA, 'a=end-of-candidates'), true],
    [join(...HEAD, MEDIA, 'a=end-of-candidates', MEDIA), false],
    [join(...HEAD, MEDIA), false],
    ['', false],
  ])('end-of-candidates in %j', (sdp, says) => {
    expect(hasEndOfCandidates(sdp)).toBe(says);
  });
});

test('stripCandidates takes out candidates and their end, and nothing else', () => {
  const bare = join(...HEAD, MEDIA, ...ICE, 'a=candidates-of-something:1');
  const full = join(
    ...HEAD,
    MEDIA,
    `a=${LINE}`,
    ...ICE,
    'a=candidates-of-something:1',
    'a=end-of-candidates',
  );
  expect(stripCandidates(full)).toBe(bare);
  expect(stripCandidates(bare)).toBe(bare);
  expect(stripCandidates(full.replaceAll('\r\n', '\n'))).toBe(bare);
});

describe('assertSdp', () => {
  test.each([
    WHOLE,
    WHOLE.replaceAll('\r\n', '\n'),
    join(...HEAD, ...ICE, MEDIA),
    join(...HEAD, MEDIA, 'a=ice-ufrag:ab=d', `a=ice-pwd:${PASSWORD}`),
    join('v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=Sitzung für Öl', 't=0 0', MEDIA, ...ICE),
  ])('lets %j through', (sdp) => {
    expect(() => assertSdp(sdp)).not.toThrow();
  });

  test.each([
    ['', 'empty'],
    ['hello', 'no SDP'],
    [`{"type":"offer"}`, 'JSON'],
    [join(...HEAD), 'no m-line'],
    [join(...HEAD.slice(1), MEDIA, ...ICE), 'no version'],
    [join('v=1', ...HEAD.slice(1), MEDIA, ...ICE), 'another version'],
    [join('v=0', 's=-', MEDIA, ...ICE), 'no origin'],
    [join(...HEAD, MEDIA), 'no ICE credentials'],
    [join(...HEAD, MEDIA, ICE[0] ?? ''), 'no password'],
    [join(...HEAD, MEDIA, 'a=ice-ufrag:abc', `a=ice-pwd:${PASSWORD}`), 'a ufrag of 3'],
    [join(...HEAD, MEDIA, `a=ice-ufrag:${'a'.repeat(257)}`, `a=ice-pwd:${PASSWORD}`), 'a ufrag of 257'],
    [join(...HEAD, MEDIA, 'a=ice-ufrag:ab cd', `a=ice-pwd:${PASSWORD}`), 'a ufrag with a space'],
    [join(...HEAD, MEDIA, 'a=ice-ufrag:abcd', `a=ice-pwd:${PASSWORD.slice(1)}`), 'a password of 21'],
    [join(...HEAD, MEDIA, 'a=ice-ufrag:abcd', `a=ice-pwd:${'a'.repeat(257)}`), 'a password of 257'],
    [join(...HEAD, MEDIA, ...ICE, 'hello'), 'a line of another form'],
    [join(...HEAD, MEDIA, ...ICE, 'a=x\0y'), 'a NUL'],
  ])('refuses %j: %s', (sdp) => {
    expect(() => assertSdp(sdp)).toThrow(expect.objectContaining({ code: 'bad-sdp' }));
  });

  test('refuses one byte more than MAX_SDP_BYTES, also of a character of two bytes', () => {
    const filled = (bytes: number) => `${WHOLE}a=x:`.padEnd(bytes, 'y');
    expect(() => assertSdp(filled(MAX_SDP_BYTES))).not.toThrow();
    const oversize = expect.objectContaining({ code: 'oversize' });
    expect(() => assertSdp(filled(MAX_SDP_BYTES + 1))).toThrow(oversize);
    expect(() => assertSdp(`${filled(MAX_SDP_BYTES - 1)}é`)).toThrow(oversize);
  });

  test('never repeats what it was given', () => {
    const secret = join(...HEAD, MEDIA, 'a=ice-ufrag:SECRET', 'a=ice-pwd:SECRET');
    expect(() => assertSdp(secret)).toThrow(SignalingError);
    expect(() => assertSdp(secret)).not.toThrow(/SECRET/);
  });
});

const LINES = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    ...HEAD,
    MEDIA,
    ...ICE,
    `a=${LINE}`,
    'a=',
    'm=',
    'a=:',
    'a=mid:',
    'a=fingerprint:',
    'a=end-of-candidates',
  ),
);

test('fuzz: any text is read without a throw, and assertSdp throws only a SignalingError', () => {
  fc.assert(
    fc.property(fc.array(LINES, { maxLength: 20 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
      const sdp = lines.join(end);
      for (const read of [
        iceCredentialsOf,
        setupOf,
        midOf,
        fingerprintLinesOf,
        candidatesOf,
        hasEndOfCandidates,
      ])
        read(sdp);
      expect(candidatesOf(stripCandidates(sdp))).toEqual([]);
      try {
        assertSdp(sdp);
      } catch (thrown) {
        if (!(thrown instanceof SignalingError)) throw thrown;
      }
    }),
    { numRuns: 10_000 },
  );
});
