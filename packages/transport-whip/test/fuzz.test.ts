import { SignalingError } from '@ouro/signaling';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  decodeSdpFragment,
  encodeSdpFragment,
  iceServersFromLink,
  parseEntityTag,
  parseIfMatch,
  parseLinkHeader,
  readDescription,
  withIce,
} from '../src/index.ts';
import { addressKey } from '../src/server/address.ts';
import { decodeConnect } from '../src/server/connect-route.ts';
import { fragment, HOST_CANDIDATE, offerSdp } from './support/sdp.ts';

const RUNS = { numRuns: 10_000 };

/** Anything may be refused, but only with the declared class. */
function onlySignalingErrors(work: () => unknown): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof SignalingError) || thrown.code === 'internal') throw thrown;
  }
}

/** A text with one piece of it replaced: closer to the real thing than random bytes are. */
const damaged = (text: string) =>
  fc
    .record({
      at: fc.nat(text.length),
      length: fc.nat(40),
      piece: fc.string({ unit: 'binary', maxLength: 20 }),
    })
    .map(({ at, length, piece }) => text.slice(0, at) + piece + text.slice(at + length));

const binary = fc.uint8Array({ maxLength: 300 });
const encode = (text: string) => new TextEncoder().encode(text);
const candidates = fragment([`a=${HOST_CANDIDATE}`, 'a=end-of-candidates']);

describe('no input throws anything but a SignalingError', () => {
  test('fragment decoder', () => {
    const input = fc.oneof(binary, damaged(candidates).map(encode));
    fc.assert(
      fc.property(input, (bytes) =>
        onlySignalingErrors(() => {
          const decoded = decodeSdpFragment(bytes);
          encodeSdpFragment(decoded);
          withIce(offerSdp(), decoded);
        }),
      ),
      RUNS,
    );
  });

  test('what the fragment decoder takes, it takes again from the encoder', () => {
    fc.assert(
      fc.property(damaged(candidates), (text) => {
        let decoded: ReturnType<typeof decodeSdpFragment>;
        try {
          decoded = decodeSdpFragment(encode(text));
        } catch {
          return true;
        }
        const encoded = encodeSdpFragment(decoded);
        return encoded === '' || encodeSdpFragment(decodeSdpFragment(encode(encoded))) === encoded;
      }),
      RUNS,
    );
  });

  test('session descriptions', () => {
    const input = fc.oneof(
      fc.string({ unit: 'binary' }),
      damaged(offerSdp({ candidates: [HOST_CANDIDATE] })),
    );
    fc.assert(
      fc.property(input, (sdp) => onlySignalingErrors(() => readDescription(sdp))),
      RUNS,
    );
  });

  test('Link headers', () => {
    const real =
      '<turn:a?transport=udp>; rel="ice-server"; username="u\\"x"; credential=c, <stun:b>; rel=ice-server';
    const input = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), damaged(real));
    fc.assert(
      fc.property(input, (header) => {
        onlySignalingErrors(() => parseLinkHeader(header));
        iceServersFromLink(header);
      }),
      RUNS,
    );
  });

  test('entity-tags', () => {
    const input = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), damaged('"a", W/"b" ,, "*"'));
    fc.assert(
      fc.property(input, (header) => {
        onlySignalingErrors(() => parseIfMatch(header));
        parseEntityTag(header);
      }),
      RUNS,
    );
  });

  test('bodies of the oldest form', () => {
    const inner = Buffer.from(JSON.stringify({ type: 'offer', sdp: 'v=0' })).toString('base64');
    const real = JSON.stringify({ api_version: 1, fingerprint: 'A1', offer: inner });
    const json = fc.record({
      offer: fc.oneof(
        fc.string(),
        fc.jsonValue().map((value) => btoa(encodeURI(JSON.stringify(value)))),
      ),
    });
    const input = fc.oneof(
      binary,
      damaged(real).map(encode),
      json.map((value) => encode(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(input, (bytes) => onlySignalingErrors(() => decodeConnect(bytes))),
      RUNS,
    );
  });

  test('addresses', () => {
    const input = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(input, (address) => onlySignalingErrors(() => addressKey(address))),
      RUNS,
    );
  });
});
