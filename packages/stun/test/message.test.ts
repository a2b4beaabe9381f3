import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeStun,
  decodeXorAddress,
  encodeXorAddress,
  hasIntegrity,
  newTransactionId,
  STUN_ATTRIBUTE,
} from '../src/index.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 5769 section 2. */
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
  80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
  c1b571a2 80280004 e57a3bcf`);
const RESPONSE_V4 = hex(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`);
const RESPONSE_V6 = hex(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa
  a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`);

test('the published request is read, and its integrity is right only with its password', () => {
  const message = decodeStun(REQUEST);
  if (message === undefined) throw new Error('not read');
  expect(message.fingerprinted).toBe(true);
  expect(message.attributes.get(STUN_ATTRIBUTE.username)?.toString()).toBe('evtj:h6vY');
  expect(hasIntegrity(message, PASSWORD)).toBe(true);
  expect(hasIntegrity(message, `${PASSWORD}x`)).toBe(false);
});

test.for([
  [RESPONSE_V4, { address: '192.0.2.1', port: 32_853 }],
  [RESPONSE_V6, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }],
] as const)('the published responses are read: %#', ([bytes, expected]) => {
  const message = decodeStun(bytes);
  if (message === undefined) throw new Error('not read');
  expect(hasIntegrity(message, PASSWORD)).toBe(true);
  const value = message.attributes.get(STUN_ATTRIBUTE.xorMappedAddress);
  expect(decodeXorAddress(value, message.transactionId)).toEqual(expected);
});

test('a message with any bit changed is not read, or not authentic', () => {
  for (let bit = 0; bit < REQUEST.length * 8; bit += 1) {
    const changed = Buffer.from(REQUEST);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const message = decodeStun(changed);
    expect(message?.fingerprinted && hasIntegrity(message, PASSWORD)).not.toBe(true);
  }
});

test('addresses come back as they went', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), fc.uint8Array({ minLength: 16, maxLength: 16 })),
      fc.nat(65_535),
      (ip, port) => {
        const id = newTransactionId();
        const source =
          typeof ip === 'string' ? ip : decodeXorAddress(Buffer.from([0, 2, 0, 0, ...ip]), id)?.address;
        if (source === undefined) throw new Error('no address');
        expect(decodeXorAddress(encodeXorAddress({ address: source, port }, id), id)).toEqual({
          address: source,
          port,
        });
      },
    ),
    { numRuns: 2000 },
  );
});

test('no bytes make the reader throw', () => {
  const noise = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const nearly = fc.tuple(fc.nat(REQUEST.length - 1), fc.nat(255)).map(([at, value]) => {
    const bytes = Buffer.from(REQUEST);
    bytes.writeUInt8(value, at);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(noise, nearly), (bytes) => {
      const message = decodeStun(bytes);
      if (message !== undefined) {
        hasIntegrity(message, PASSWORD);
        decodeXorAddress(message.attributes.get(STUN_ATTRIBUTE.xorMappedAddress), message.transactionId);
      }
    }),
    { numRuns: 10_000 },
  );
});
