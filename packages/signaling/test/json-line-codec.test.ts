import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  JsonTextDecoder,
  jsonLineCodec,
  MAX_CANDIDATE_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_SDP_BYTES,
  type Signal,
  SignalingError,
} from '../src/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (text: string) => jsonLineCodec.decode(bytes(text));
const encode = (signal: Signal) => new TextDecoder().decode(jsonLineCodec.encode(signal));
const refuses = (code: string) => expect.objectContaining({ code, name: 'SignalingError' });

const LINE = 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host';

describe('decode', () => {
  test('an offer, dropping what a signal does not hold', () => {
    expect(decode('{"type":"offer","sdp":"v=0\\r\\n","extra":{"__proto__":1}}\r\n')).toEqual([
      { type: 'offer', sdp: 'v=0\r\n' },
    ]);
  });

  test('an answer and candidates in one message', () => {
    expect(
      decode(`{"type":"answer","sdp":"v=0"}{"candidate":"${LINE}"}\r\nnull`).map(({ type }) => type),
    ).toEqual(['answer', 'candidate', 'end-of-candidates']);
  });

  test('a whole RTCIceCandidateInit', () => {
    const text = `{"candidate":"${LINE}","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}\n`;
    expect(decode(text)).toEqual([
      { type: 'candidate', candidate: LINE, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' },
    ]);
  });

  test('a candidate with what may be missing missing or null', () => {
    const bare = {
      type: 'candidate',
      candidate: LINE,
      sdpMid: null,
      sdpMLineIndex: null,
      usernameFragment: null,
    };
    expect(decode(`{"candidate":"${LINE}"}`)).toEqual([bare]);
    expect(decode(`{"candidate":"a=${LINE}\\r\\n","sdpMid":null,"sdpMLineIndex":null}`)).toEqual([bare]);
  });

  test.each([
    ['null', null],
    ['{"candidate":""}', null],
    ['{"candidate":"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}', 'abcd'],
    ['{"candidate":" ","usernameFragment":null}', null],
  ])('%s as end-of-candidates', (text, usernameFragment) => {
    expect(decode(text)).toEqual([{ type: 'end-of-candidates', usernameFragment }]);
  });

  test.each(['', '\r\n', ' \n\n'])('%j as nothing', (text) => {
    expect(decode(text)).toEqual([]);
  });

  test.each([
    '{"type":"pranswer","sdp":"v=0"}',
    '{"type":"rollback"}',
    '{"type":"bye"}',
    '{"type":"offer"}',
    '{"type":"offer","sdp":7}',
    '{"type":null,"candidate":""}',
    '{}',
    '[]',
    '{"candidate":null}',
    '{"candidate":42}',
    '{"candidate":"","sdpMid":1}',
    '{"candidate":"","sdpMLineIndex":-1}',
    '{"candidate":"","sdpMLineIndex":1.5}',
    '{"candidate":"","sdpMLineIndex":65536}',
    '{"a"}',
    '{',
    'hello',
    '"offer"',
    '0',
  ])('%s is a bad message', (text) => {
    expect(() => decode(text)).toThrow(refuses('bad-message'));
  });

  test.each(['{"candidate":"hello"}', '{"candidate":"candidate:"}', '{"candidate":"a=mid:0"}'])(
    '%s is a bad candidate',
    (text) => {
      expect(() => decode(text)).toThrow(refuses('bad-candidate'));
    },
  );

  test('an error text holds nothing of the message', () => {
    for (const text of [
      '{"type":"offer","sdp":"a=ice-pwd:SECRET"',
      '{"SECRET"}',
      '{"candidate":"SECRET"}',
      '{"type":"SECRET"}',
    ]) {
      expect(() => decode(text)).toThrow(SignalingError);
      expect(() => decode(text)).not.toThrow(/SECRET/);
    }
  });
});

describe('caps', () => {
  const sdp = (length: number) => 'v=0\r\n'.padEnd(length, 'a');

  test('a description of just MAX_SDP_BYTES passes both ways', () => {
    const offer: Signal = { type: 'offer', sdp: sdp(MAX_SDP_BYTES) };
    expect(jsonLineCodec.decode(jsonLineCodec.encode(offer))).toEqual([offer]);
  });

  test('one byte more does not, also when it comes from a character of two bytes', () => {
    for (const large of [sdp(MAX_SDP_BYTES + 1), `${sdp(MAX_SDP_BYTES - 1)}é`]) {
      expect(() => jsonLineCodec.encode({ type: 'answer', sdp: large })).toThrow(refuses('oversize'));
      expect(() => decode(JSON.stringify({ type: 'answer', sdp: large }))).toThrow(refuses('oversize'));
    }
  });

  test('a description that JSON blows up past MAX_MESSAGE_BYTES is not encoded', () => {
    const offer: Signal = { type: 'offer', sdp: '\u0001'.repeat(MAX_SDP_BYTES) };
    expect(() => jsonLineCodec.encode(offer)).toThrow(refuses('oversize'));
  });

  test('a candidate of just MAX_CANDIDATE_BYTES passes, one byte more does not', () => {
    const candidate = LINE.padEnd(MAX_CANDIDATE_BYTES, ' x y');
    const signal: Signal = {
      type: 'candidate',
      candidate,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: null,
    };
    expect(jsonLineCodec.decode(jsonLineCodec.encode(signal))).toHaveLength(1);
    expect(() => jsonLineCodec.encode({ ...signal, candidate: `${candidate}x` })).toThrow(
      refuses('oversize'),
    );
    expect(() => decode(JSON.stringify({ candidate: `${candidate}x` }))).toThrow(refuses('oversize'));
  });

  test('a message of more than MAX_MESSAGE_BYTES is not looked at', () => {
    expect(jsonLineCodec.decode(bytes(' '.repeat(MAX_MESSAGE_BYTES)))).toEqual([]);
    expect(() => decode(' '.repeat(MAX_MESSAGE_BYTES + 1))).toThrow(refuses('oversize'));
  });
});

describe('encode', () => {
  test('one line, in the form of browsers', () => {
    expect(encode({ type: 'offer', sdp: 'v=0\r\n' })).toBe('{"type":"offer","sdp":"v=0\\r\\n"}\n');
    expect(
      encode({ type: 'candidate', candidate: LINE, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' }),
    ).toBe(`{"candidate":"${LINE}","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}\n`);
  });

  test('the end of candidates with its generation', () => {
    expect(encode({ type: 'end-of-candidates', usernameFragment: 'abcd' })).toBe(
      '{"candidate":"","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":"abcd"}\n',
    );
  });
});

const nullable = (text: fc.Arbitrary<string>) => fc.option(text, { nil: null });
const signals: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({ type: fc.constantFrom('offer', 'answer'), sdp: fc.string({ unit: 'binary' }) }),
  fc.record({
    type: fc.constant('candidate' as const),
    candidate: fc.string({ unit: 'grapheme' }).map((text) => `candidate:1${text}`.trim()),
    sdpMid: nullable(fc.string()),
    sdpMLineIndex: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: null }),
    usernameFragment: nullable(fc.string()),
  }),
  fc.record({ type: fc.constant('end-of-candidates' as const), usernameFragment: nullable(fc.string()) }),
);

describe('fuzz', () => {
  test('every signal comes back as it was', () => {
    fc.assert(
      fc.property(signals, (signal) => {
        expect(jsonLineCodec.decode(jsonLineCodec.encode(signal))).toEqual([signal]);
      }),
      { numRuns: 10_000 },
    );
  });

  test('a stream of signals cut anywhere comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(signals, { maxLength: 3 }), fc.integer({ min: 1, max: 40 }), (list, size) => {
        const whole = list.map(encode).join('');
        const decoder = new JsonTextDecoder();
        const received: Signal[] = [];
        const stream = bytes(whole);
        for (let at = 0; at < stream.length; at += size)
          received.push(...decoder.push(stream.subarray(at, at + size)));
        received.push(...decoder.end());
        expect(received).toEqual(list);
      }),
      { numRuns: 10_000 },
    );
  });

  test.each([
    ['any bytes', fc.uint8Array({ maxLength: 300 })],
    ['any JSON', fc.json().map(bytes)],
    [
      'almost signals',
      fc
        .record(
          {
            type: fc.oneof(fc.constantFrom('offer', 'answer', 'candidate'), fc.jsonValue()),
            sdp: fc.oneof(fc.string(), fc.jsonValue()),
            candidate: fc.oneof(fc.string(), fc.jsonValue()),
            sdpMid: fc.jsonValue(),
            sdpMLineIndex: fc.jsonValue(),
            usernameFragment: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((value) => bytes(JSON.stringify(value))),
    ],
  ] as const)('%s give signals or a SignalingError', (_name, input) => {
    fc.assert(
      fc.property(input, (one) => {
        try {
          jsonLineCodec.decode(one);
        } catch (thrown) {
          if (!(thrown instanceof SignalingError)) throw thrown;
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('deep nesting is an error, not a crash', () => {
    const deep = `{"candidate":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(() => decode(deep)).toThrow(refuses('bad-message'));
  });
});
