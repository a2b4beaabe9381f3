import fc from 'fast-check';
import { encodeData, encodeSack } from '../../src/chunks.ts';

export { decodeData, decodeForwardTsn, decodeInit, decodeSack } from '../../src/chunks.ts';

const uint32 = fc.nat(0xffff_ffff);

/** Values of chunks that are well formed, with any numbers in them. */
export const encodeForTest: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .record({ cumulativeTsn: uint32, window: uint32, gap: fc.tuple(fc.nat(0xffff), fc.nat(0xffff)) })
    .map(({ gap, ...sack }) => encodeSack({ ...sack, gaps: [gap], duplicates: [] }).value),
  fc.record({ tsn: uint32, streamId: fc.nat(5), ssn: fc.nat(3), ppid: uint32 }).map((data) => {
    const flags = { begin: true, end: true, unordered: false, immediate: false };
    return encodeData({ ...data, ...flags, payload: Buffer.from('data') }).value;
  }),
);
