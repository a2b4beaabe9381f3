import { PassThrough } from 'node:stream';
import { duplexFromStreams } from '@ouro/base/node';
import { SignalingError } from '@ouro/signaling';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openHostPipe } from '../src/host.ts';
import { PreambleDecoder } from '../src/pipe/preamble.ts';

const RUNS = { numRuns: 10_000 };

/** Bytes made of pieces of the format and of anything else. */
const bytesOf = (...pieces: readonly string[]): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...pieces).map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.concat(parts));

/** What it throws, if anything, is of this class. */
const throwsOnly = (allowed: new (...args: never[]) => Error, act: () => unknown): void => {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(allowed);
  }
};

describe('whatever comes in', { timeout: 60_000 }, () => {
  it('the preamble throws nothing but SignalingError', () => {
    const noise = bytesOf('READY', '\n', '\r\n', '{', '}', '{"version":1}', '\x1b[1m', '\x1b]0;');
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), (chunks) => {
        const decoder = new PreambleDecoder();
        throwsOnly(SignalingError, () => chunks.some((chunk) => decoder.push(chunk)));
      }),
      RUNS,
    );
  });

  it('the preamble finds the same READY however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 6 }), (cuts) => {
        const bytes = Buffer.from('motd {x}\r\nREADY 2\r\n{"type":"answer"}\n');
        const decoder = new PreambleDecoder();
        const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        let rest: Uint8Array | undefined;
        for (const [index, point] of points.entries()) {
          const chunk = bytes.subarray(points[index - 1] ?? 0, point);
          if (rest) rest = Buffer.concat([rest, chunk]);
          else rest = decoder.push(chunk)?.rest;
        }
        expect(Buffer.from(rest ?? []).toString()).toBe('{"type":"answer"}\n');
      }),
      RUNS,
    );
  });

  it('the pipe fails with nothing but SignalingError', async () => {
    const texts = bytesOf(
      '{"type":"offer","sdp":"v=0"}',
      '\n',
      'null',
      '{"candidate":""}',
      '{',
      '"',
      '\\',
      '[',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { maxLength: 3 }), async (chunks) => {
        const stdin = new PassThrough();
        const pipe = openHostPipe(duplexFromStreams(stdin, new PassThrough()), { user: 'ada' });
        for (const chunk of chunks) stdin.write(chunk);
        stdin.end();
        try {
          for await (const _ of pipe);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SignalingError);
        }
        await pipe.close();
      }),
      RUNS,
    );
  });
});
