import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonTextSplitter, SignalingError } from '../src/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** The texts of a stream that was cut before each of these offsets. */
function split(whole: Uint8Array, cuts: readonly number[]): string[] {
  const splitter = new JsonTextSplitter();
  const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
  const texts = edges.slice(1).flatMap((end, at) => splitter.push(whole.subarray(edges[at], end)));
  splitter.end();
  return texts;
}

const TEXTS = ['{"a":"{\\"}]\\\\"}', 'null', '[]', '{"é😀":["\\u00e9",{"b":null}]}', '{}'];

test('cuts at any byte make no difference', () => {
  const whole = bytes(TEXTS.join('\r\n'));
  for (let cut = 0; cut <= whole.length; cut += 1) expect(split(whole, [cut])).toEqual(TEXTS);
  expect(split(whole, [...whole.keys()])).toEqual(TEXTS);
});

test('texts need nothing between them', () => {
  expect(split(bytes('{"a":1}{"b":2}nullnull[3]null{}'), [])).toEqual([
    '{"a":1}',
    '{"b":2}',
    'null',
    'null',
    '[3]',
    'null',
    '{}',
  ]);
});

test('white space between texts is free, in any amount', () => {
  const splitter = new JsonTextSplitter({ maxBytes: 10 });
  expect(splitter.push(bytes(' \r\n\t'.repeat(1000)))).toEqual([]);
  expect(splitter.push(bytes('null'))).toEqual(['null']);
});

test('a chunk may be reused after push', () => {
  const splitter = new JsonTextSplitter();
  const chunk = bytes('{"a":');
  expect(splitter.push(chunk)).toEqual([]);
  chunk.fill(0x20);
  expect(splitter.push(bytes('1}'))).toEqual(['{"a":1}']);
});

describe('garbage', () => {
  test.each(['READY\n', '1', '"text"', 'true', '}', ']', 'nul}', 'nil', '\u0000', '\ufeff{}', ',', 'é'])(
    '%j',
    (text) => {
      const splitter = new JsonTextSplitter();
      const push = () => splitter.push(bytes(text));
      expect(push).toThrow(expect.objectContaining({ code: 'bad-message' }));
      expect(() => splitter.push(bytes('{}'))).toThrow(expect.objectContaining({ code: 'bad-message' }));
      expect(() => splitter.end()).toThrow(SignalingError);
    },
  );

  test('a text that is not UTF-8', () => {
    const splitter = new JsonTextSplitter();
    const push = () => splitter.push(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    expect(push).toThrow(expect.objectContaining({ code: 'bad-message' }));
  });

  test.each(['{', '{"a', '[1', 'nu'])('a stream that ends within %j', (text) => {
    const splitter = new JsonTextSplitter();
    splitter.push(bytes(text));
    expect(() => splitter.end()).toThrow(expect.objectContaining({ code: 'bad-message' }));
  });
});

describe('the cap', () => {
  const text = `{"a":"${'x'.repeat(92)}"}`;

  test('lets a text of just that size through, each text anew', () => {
    const splitter = new JsonTextSplitter({ maxBytes: text.length });
    expect(splitter.push(bytes(text + text))).toEqual([text, text]);
  });

  test.each([1, 7, 1000])('stops one byte more, in chunks of %i', (size) => {
    const splitter = new JsonTextSplitter({ maxBytes: text.length - 1 });
    const whole = bytes(text);
    const push = () => {
      for (let at = 0; at < whole.length; at += size) splitter.push(whole.subarray(at, at + size));
    };
    expect(push).toThrow(expect.objectContaining({ code: 'oversize' }));
  });
});

describe('fuzz', () => {
  test('any JSON objects, cut anywhere, come out as they went in', () => {
    const values = fc.array(
      fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constant(null)),
      { maxLength: 4 },
    );
    const gaps = fc.constantFrom('', '\n', '\r\n', ' \t');
    fc.assert(
      fc.property(values, gaps, fc.array(fc.nat(), { maxLength: 6 }), (list, gap, cuts) => {
        const texts = list.map((value) => JSON.stringify(value));
        const whole = bytes(texts.join(gap));
        expect(
          split(
            whole,
            cuts.map((cut) => cut % (whole.length + 1)),
          ),
        ).toEqual(texts);
      }),
      { numRuns: 10_000 },
    );
  });

  test('any bytes give texts or a SignalingError', () => {
    const chunk = fc.oneof(
      fc.uint8Array(),
      fc.string().map(bytes),
      fc.constantFrom('{', '}', '"', '\\', 'null', '[', ']').map(bytes),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const splitter = new JsonTextSplitter({ maxBytes: 64 });
        try {
          for (const one of chunks) splitter.push(one);
          splitter.end();
        } catch (thrown) {
          if (!(thrown instanceof SignalingError)) throw thrown;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
