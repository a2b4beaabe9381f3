import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeOpen, encodeOpen } from '../src/channel/dcep.ts';

test('an OPEN comes back as it went, and no bytes make its reader throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.boolean(), (label, protocol, ordered) => {
      const open = { label: label.toWellFormed(), protocol: protocol.toWellFormed(), ordered };
      expect(decodeOpen(encodeOpen(open))).toEqual(open);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      decodeOpen(Buffer.from([3, ...bytes]));
    }),
    { numRuns: 10_000 },
  );
});
