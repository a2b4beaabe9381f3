import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RING_BYTES } from '../src/constants.ts';
import { RingBuffer } from '../src/host/ring-buffer.ts';

describe('RingBuffer', () => {
  test('agrees with a plain array of bytes, whatever is written and read from wherever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }),
        fc.nat(),
        fc.integer({ min: 1, max: 200 }),
        (capacity, chunks, seed, max) => {
          const ring = new RingBuffer(capacity);
          const all: number[] = [];
          for (const chunk of chunks) {
            ring.write(chunk);
            all.push(...chunk);
            const mark = seed % (all.length + 1);
            const found = ring.read(mark, max);
            if (mark < all.length - capacity) expect(found).toBe('gone');
            else expect([...found]).toEqual(all.slice(mark, mark + max));
          }
          expect(ring.end).toBe(all.length);
          expect(ring.start).toBe(Math.max(0, all.length - capacity));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('every mark, at every write index, for the sizes around the edges', () => {
    for (const capacity of [1, 2, 7, 8]) {
      const ring = new RingBuffer(capacity);
      const all: number[] = [];
      for (let byte = 0; byte < 40; byte += 1) {
        ring.write(new Uint8Array([byte]));
        all.push(byte);
        for (let mark = 0; mark <= all.length; mark += 1) {
          const found = ring.read(mark, 1000);
          if (mark < all.length - capacity) expect(found).toBe('gone');
          else expect([...found]).toEqual(all.slice(mark));
        }
      }
    }
  });

  test('what was read does not change when the ring goes on', () => {
    const ring = new RingBuffer(4);
    ring.write(new Uint8Array([1, 2, 3, 4]));
    const read = ring.read(0, 4);
    ring.write(new Uint8Array([5, 6, 7, 8]));
    expect(read).toEqual(new Uint8Array([1, 2, 3, 4]));
  });

  test('a place that was never reached is an error, not an answer', () => {
    const ring = new RingBuffer(4);
    for (const position of [1, -1, 0.5, Number.NaN, 1e300]) {
      expect(() => ring.read(position, 1)).toThrow(RangeError);
    }
    for (const capacity of [0, -1, 1.5, Number.NaN])
      expect(() => new RingBuffer(capacity)).toThrow(RangeError);
  });

  test('holds its full capacity and not a byte more, across its growth', () => {
    const ring = new RingBuffer(RING_BYTES);
    const chunk = new Uint8Array(10_007).map((_, index) => index % 253);
    while (ring.end < 3 * RING_BYTES) ring.write(chunk);
    expect(ring.read(ring.end - RING_BYTES - 1, 1)).toBe('gone');
    const all = ring.read(ring.end - RING_BYTES, RING_BYTES);
    const start = (ring.end - RING_BYTES) % chunk.length;
    expect(all.length).toBe(RING_BYTES);
    expect([all[0], all.at(-1)]).toEqual([chunk[start], chunk.at(-1)]);
  });
});
