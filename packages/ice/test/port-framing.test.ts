import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_FIRST_FRAME_BYTES, MAX_FRAME_BYTES } from '../src/port/constants.ts';
import { firstBytes } from '../src/port/first-bytes.ts';
import { encodeFrame, FrameReader } from '../src/port/framing.ts';
import { firstBytesAreStun, IcePortError } from '../src/port/index.ts';
import { check, credentials } from './support/ice-port.ts';

const RUNS = { numRuns: 10_000 };
const packet = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

test('K2: frames that are split anywhere are the packets again, empty ones skipped', () => {
  fc.assert(
    fc.property(fc.array(packet), fc.array(fc.nat()), (packets, cuts) => {
      const reader = new FrameReader(MAX_FRAME_BYTES);
      const stream = Buffer.concat(packets.map((each) => encodeFrame(each)));
      const read = split(stream, cuts).flatMap((chunk) => [...reader.read(chunk)]);
      expect(read).toEqual(packets.filter(({ length }) => length > 0));
      expect(reader.held).toBe(0);
    }),
    RUNS,
  );
});

test('K8: random bytes make the reader throw nothing but oversize, and hold no more than a frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 })), (chunks) => {
      const reader = new FrameReader(MAX_FIRST_FRAME_BYTES);
      try {
        for (const chunk of chunks)
          for (const each of reader.read(Buffer.from(chunk)))
            expect(each.length).toBeLessThanOrEqual(MAX_FIRST_FRAME_BYTES);
      } catch (error) {
        expect(error).toBeInstanceOf(IcePortError);
        expect(error).toMatchObject({ code: 'oversize' });
      }
      expect(reader.held).toBeLessThanOrEqual(MAX_FIRST_FRAME_BYTES + 2);
    }),
    RUNS,
  );
});

test('K8: a frame of the cap is taken, one byte more is not', () => {
  const reader = new FrameReader(100);
  expect([...reader.read(encodeFrame(Buffer.alloc(100)))]).toHaveLength(1);
  expect(() => [...reader.read(encodeFrame(Buffer.alloc(101)))]).toThrow(IcePortError);
});

test('the first bytes of a framed Binding request are STUN, after empty frames too, and undecided while too few', () => {
  const frame = encodeFrame(check(credentials('x')));
  expect(firstBytesAreStun(frame)).toBe(true);
  expect(firstBytesAreStun(Buffer.concat([encodeFrame(Buffer.alloc(0)), frame]))).toBe(true);
  for (let length = 0; length < 10; length++) expect(firstBytes(frame.subarray(0, length))).toBe('undecided');
  expect(firstBytes(frame.subarray(0, 10))).toBe('stun');
});

test.for(['GET / HTTP/1.1\r\n', 'POST', 'P', 'OPTIONS * ', '\u0016\u0003\u0001', 'SSH-2.0-x', '\r\n'])(
  'first bytes %j are not STUN',
  (text) => {
    expect(firstBytes(Buffer.from(text, 'latin1'))).toBe('other');
  },
);

test('nothing but empty frames is not STUN', () => {
  expect(firstBytes(Buffer.alloc(20))).toBe('other');
});

test('random first bytes are classed without a throw, and never STUN by chance without the cookie', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const kind = firstBytes(Buffer.from(bytes));
      expect(['stun', 'other', 'undecided']).toContain(kind);
      if (kind === 'stun') expect(Buffer.from(bytes).includes(Buffer.from('2112a442', 'hex'))).toBe(true);
    }),
    RUNS,
  );
});

test('a longer beginning never changes what was decided', () => {
  const frame = encodeFrame(check(credentials('x')));
  fc.assert(
    fc.property(fc.nat({ max: 12 }), fc.uint8Array({ maxLength: 12 }), (kept, rest) => {
      const bytes = Buffer.concat([frame.subarray(0, kept), Buffer.from(rest)]);
      const kinds = Array.from(bytes, (_, i) => firstBytes(bytes.subarray(0, i + 1)));
      const first = kinds.findIndex((kind) => kind !== 'undecided');
      if (first >= 0) expect(new Set(kinds.slice(first)).size).toBe(1);
    }),
    RUNS,
  );
});
