import { ManualClock } from '@ouro/test-kit';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { crc32c } from '../src/crc32c.ts';
import { decodePacket, encodePacket } from '../src/packet.ts';
import { decodeParameters, encodeParameters } from '../src/parameters.ts';
import { TsnRanges } from '../src/tsn-ranges.ts';
import { SctpPair } from './support/sctp-pair.ts';
import { decodeData, decodeForwardTsn, decodeInit, decodeSack, encodeForTest } from './support/sctp-wire.ts';

const RUNS = { numRuns: 10_000 };
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
const pass = (ms: number): Promise<void> => clock.advance(ms);

test('CRC32c gives the published vectors', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

test('no bytes make a decoder throw', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), bytes(100), (type, flags, value) => {
      decodePacket(value);
      decodeParameters(value);
      for (const decode of [decodeData, decodeForwardTsn, decodeInit, decodeSack])
        decode({ type, flags, value });
    }),
    RUNS,
  );
});

/** An association with data on its way, and the tag that its packets must have. */
async function busy(): Promise<{ pair: SctpPair; tag: number }> {
  const pair = await SctpPair.established(clock);
  let tag = 0;
  pair.onPath = (packet, from) => {
    if (from === 'a') tag = packet.readUInt32BE(4);
    return undefined;
  };
  pair.send(1, 'x');
  pair.send(1, 'y', 'b');
  await pass(1);
  return { pair, tag };
}

test('no chunks of a far end that knows the tag make an association throw', async () => {
  const chunk = fc.record({
    type: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 9, 10, 11, 130, 192), fc.nat(255)),
    flags: fc.nat(7),
    value: fc.oneof(bytes(60), encodeForTest),
  });
  let { pair, tag } = await busy();
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 4 }), async (chunks) => {
      if (pair.b.closed !== undefined) ({ pair, tag } = await busy());
      pair.b.association.receive(encodePacket(tag, chunks, false));
    }),
    RUNS,
  );
  pair.close();
});

test('packets and parameters come back as they went', () => {
  const chunk = fc.record({ type: fc.nat(255), flags: fc.nat(255), value: bytes(50) });
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 5 }), fc.boolean(), (chunks, zeroChecksum) => {
      const packet = decodePacket(encodePacket(7, chunks, zeroChecksum));
      expect(packet?.chunks).toEqual(chunks);
      expect(packet?.verificationTag).toBe(7);
    }),
    { numRuns: 1000 },
  );
  const parameter = fc.record({ type: fc.nat(0xffff), value: bytes(30) });
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 5 }), (parameters) => {
      expect(decodeParameters(encodeParameters(parameters))).toEqual(parameters);
    }),
    { numRuns: 1000 },
  );
});

test('ranges of TSNs agree with a set, over the wrap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(60), { maxLength: 80 }),
      fc.constantFrom(0, 0xffff_ffe0),
      (offsets, start) => {
        const ranges = new TsnRanges((start - 1) >>> 0);
        const set = new Set<number>();
        for (const offset of offsets) {
          const tsn = (start + offset) >>> 0;
          expect(ranges.has(tsn)).toBe(set.has(offset));
          if (!set.has(offset)) ranges.add(tsn);
          set.add(offset);
        }
        let next = 0;
        while (set.has(next)) next += 1;
        expect(ranges.cumulative).toBe((start + next - 1) >>> 0);
        const told = new Set(
          ranges.gaps.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        );
        const expected = new Set(
          [...set].filter((offset) => offset > next).map((offset) => offset - next + 1),
        );
        expect(told).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});
