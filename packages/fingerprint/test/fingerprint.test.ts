import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SDP_CHARS } from '../src/constants.ts';
import { Fingerprint, FingerprintError, fingerprintFromSdp } from '../src/fingerprint.ts';
import { fingerprintOf } from './helpers.ts';

const COMPACT = 'AB0123456789CDEF'.repeat(4);
const COLONS = COMPACT.match(/../g)?.join(':') ?? '';
const RUNS = { numRuns: 10_000 };
const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Runs it and tells the code it threw, or its value. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(FingerprintError);
    return error instanceof FingerprintError ? error.code : 'not ours';
  }
}

describe('parse and format', () => {
  test.each([
    COMPACT,
    COMPACT.toLowerCase(),
    COLONS,
    COLONS.toLowerCase(),
    `sha-256 ${COLONS}`,
    `SHA-256 ${COLONS.toLowerCase()}`,
    ` ${COMPACT}\n`,
  ])('takes %j', (text) => {
    const fingerprint = Fingerprint.parse(text);
    expect(fingerprint.compact).toBe(COMPACT);
    expect(fingerprint.sdp).toBe(`sha-256 ${COLONS}`);
    expect(JSON.stringify({ fp: fingerprint })).toBe(`{"fp":"${COMPACT}"}`);
    expect(`${fingerprint}`).toBe(COMPACT);
  });

  test.each([
    '',
    'AB',
    COMPACT.slice(1),
    `${COMPACT}0`,
    `${COMPACT.slice(0, 62)}GG`,
    `sha-1 ${COLONS}`,
    `sha-256 ${COMPACT}`,
    `${COLONS}:00`,
    COLONS.replace(':', '-'),
    ' '.repeat(1e6) + COMPACT,
  ])('refuses %#', (text) => {
    expect(outcome(() => Fingerprint.parse(text))).toBe('bad-fingerprint');
  });

  test('every digest survives both forms', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        const compact = Buffer.from(digest).toString('hex').toUpperCase();
        const fingerprint = Fingerprint.parse(compact);
        expect(fingerprint.compact).toBe(compact);
        expect(Fingerprint.parse(fingerprint.sdp).compact).toBe(compact);
      }),
      RUNS,
    );
  });

  test('text of any provenance is a fingerprint or a FingerprintError', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.stringMatching(/^((sha|SHA)-256 )?[0-9a-fA-F:]{60,100}$/),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(outcome(() => Fingerprint.parse(text).compact)).toMatch(/^([0-9A-F]{64}|bad-fingerprint)$/);
      }),
      RUNS,
    );
  });

  test('equality is of the digest, and one bit makes a difference', () => {
    fc.assert(
      fc.property(digests, fc.nat(255), (digest, bit) => {
        const other = Uint8Array.from(digest);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const parsed = Fingerprint.parse(Buffer.from(digest).toString('hex'));
        expect(parsed.equals(Fingerprint.parse(parsed.sdp))).toBe(true);
        expect(parsed.equals(Fingerprint.parse(Buffer.from(other).toString('hex')))).toBe(false);
      }),
    );
  });
});

describe('of a DER certificate', () => {
  test('is the SHA-256 of its bytes', async () => {
    const der = Uint8Array.of(0x30, 1, 2);
    const expected = createHash('sha256').update(der).digest('hex').toUpperCase();
    expect((await Fingerprint.fromDer(der)).compact).toBe(expected);
  });

  test('only FingerprintError comes out of other bytes', async () => {
    const check = async (bytes: Uint8Array) => {
      const thrown = await Fingerprint.fromDer(bytes).catch((error: unknown) => error);
      expect(thrown instanceof Fingerprint || thrown instanceof FingerprintError).toBe(true);
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), check), RUNS);
    await expect(Fingerprint.fromDer(new Uint8Array())).rejects.toMatchObject({ code: 'bad-certificate' });
  });
});

describe('of a session description', () => {
  const a = fingerprintOf(0xaa);
  const b = fingerprintOf(0xbb);
  const line = (fingerprint: Fingerprint) => `a=fingerprint:${fingerprint.sdp}`;
  const sdp = (...lines: string[]) => ['v=0', ...lines, ''].join('\r\n');
  const media = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel';

  test.each([
    ['session level', sdp(line(a), media)],
    ['media level', sdp(media, line(a))],
    ['both levels, the same', sdp(line(a), media, line(a))],
    ['several media sections', sdp(media, line(a), media, line(a))],
    ['among other hash functions', sdp('a=fingerprint:sha-1 AA:BB', line(a), 'a=fingerprint:sha-512 CC:DD')],
    ['lower case', sdp(line(a).toLowerCase())],
    ['upper case name', sdp(line(a).replace('sha-256', 'SHA-256'))],
    ['bare line feeds', sdp(line(a)).replaceAll('\r\n', '\n')],
    ['space at the end', sdp(`${line(a)}  `)],
  ])('%s', (_name, text) => {
    expect(fingerprintFromSdp(text).equals(a)).toBe(true);
  });

  test.each([
    ['none', sdp(media), 'no-fingerprint'],
    ['an empty text', '', 'no-fingerprint'],
    ['only sha-1 and md5', sdp('a=fingerprint:sha-1 AA:BB', 'a=fingerprint:md5 AA'), 'unsupported-hash'],
    ['two different ones at media level', sdp(media, line(a), media, line(b)), 'conflicting-fingerprints'],
    ['session and media level differ', sdp(line(a), media, line(b)), 'conflicting-fingerprints'],
    ['no value', sdp('a=fingerprint:sha-256'), 'bad-fingerprint'],
    ['a short value', sdp('a=fingerprint:sha-256 AA:BB'), 'bad-fingerprint'],
    ['compact form', sdp(`a=fingerprint:sha-256 ${a.compact}`), 'bad-fingerprint'],
    ['nothing after the colon', sdp('a=fingerprint:'), 'bad-fingerprint'],
    ['a good line beside a malformed one', sdp(line(a), 'a=fingerprint:sha-256 XX'), 'bad-fingerprint'],
    ['over the cap', 'a'.repeat(MAX_SDP_CHARS + 1), 'oversize'],
    ['a long run of spaces', sdp(`a=fingerprint:sha-256 ${' '.repeat(100_000)}x`), 'bad-fingerprint'],
  ])('refuses %s', (_name, text, code) => {
    expect(outcome(() => fingerprintFromSdp(text))).toBe(code);
  });

  test('at the cap it is still read', () => {
    const text = sdp(line(a));
    expect(fingerprintFromSdp(text.padEnd(MAX_SDP_CHARS, '\n')).equals(a)).toBe(true);
  });

  test('text of any provenance gives a Fingerprint or a FingerprintError', () => {
    const lines = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.stringMatching(/^a=fingerprint:(sha-256|sha-1)?[ \t]?[0-9A-F:]{0,100}$/),
      digests.map((digest) => line(Fingerprint.parse(Buffer.from(digest).toString('hex')))),
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 5 }), (all) => {
        outcome(() => fingerprintFromSdp(all.join('\n')));
      }),
      RUNS,
    );
  });
});
