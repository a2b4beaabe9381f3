import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authenticCheck, encodeCheck } from '../../src/ice/checks.ts';
import { STUN_ATTRIBUTE } from '../../src/ice/constants.ts';
import { decodeStun, encodeStun, hasIntegrity, newTransactionId } from '../../src/ice/stun.ts';
import { decodeXorAddress, encodeXorAddress } from '../../src/ice/stun-address.ts';

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
  const local = { ufrag: 'evtj', pwd: PASSWORD };
  expect(authenticCheck(message, local, undefined)?.priority).toBe(0x6e0001ff);
  expect(authenticCheck(message, local, { ufrag: 'h6vY', pwd: '' })).toBeDefined();
  expect(authenticCheck(message, local, { ufrag: 'else', pwd: '' })).toBeUndefined();
  expect(authenticCheck(message, { ufrag: 'else', pwd: PASSWORD }, undefined)).toBeUndefined();
  expect(authenticCheck(message, { ufrag: 'evtj', pwd: 'another password 123' }, undefined)).toBeUndefined();
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
    const check = message && authenticCheck(message, { ufrag: 'evtj', pwd: PASSWORD }, undefined);
    expect(check).toBeUndefined();
  }
});

test('a check without FINGERPRINT or without integrity is none', () => {
  const cut = Buffer.from(REQUEST.subarray(0, REQUEST.length - 8));
  cut.writeUInt16BE(cut.length - 20, 2);
  const unmarked = decodeStun(cut);
  expect(unmarked?.fingerprinted).toBe(false);
  expect(unmarked && authenticCheck(unmarked, { ufrag: 'evtj', pwd: PASSWORD }, undefined)).toBeUndefined();
  const username = { type: STUN_ATTRIBUTE.username, value: Buffer.from('evtj:h6vY') };
  const unsigned = decodeStun(encodeStun(1, newTransactionId(), [username]));
  expect(unsigned && authenticCheck(unsigned, { ufrag: 'evtj', pwd: PASSWORD }, undefined)).toBeUndefined();
});

test('what follows the integrity does not count', () => {
  const local = { ufrag: 'here', pwd: 'p'.repeat(22) };
  const remote = { ufrag: 'away', pwd: 'q'.repeat(22) };
  const base = { controlling: true, tieBreaker: 5n, useCandidate: false, priority: 9 };
  const bytes = encodeCheck(newTransactionId(), { local: remote, remote: local, ...base });
  const extra = hex('00250000');
  const forged = Buffer.concat([bytes.subarray(0, bytes.length - 8), extra]);
  const header = forged.subarray(0, 20);
  header.writeUInt16BE(forged.length - 20, 2);
  const message = decodeStun(forged);
  expect(message?.attributes.has(STUN_ATTRIBUTE.useCandidate)).toBe(false);
});

test('checks come back as they went', () => {
  const word = fc.nat(0xffff_ffff);
  const credentials = { ufrag: 'here', pwd: 'p'.repeat(22) };
  const remote = { ufrag: 'away', pwd: 'q'.repeat(22) };
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      word,
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (controlling, useCandidate, priority, tieBreaker) => {
        const check = { local: remote, remote: credentials, controlling, useCandidate, priority, tieBreaker };
        const message = decodeStun(encodeCheck(newTransactionId(), check));
        expect(message && authenticCheck(message, credentials, remote)).toEqual({
          priority,
          useCandidate,
          controlling: controlling ? tieBreaker : undefined,
          controlled: controlling ? undefined : tieBreaker,
        });
      },
    ),
    { numRuns: 500 },
  );
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
        authenticCheck(message, { ufrag: 'evtj', pwd: PASSWORD }, undefined);
        decodeXorAddress(message.attributes.get(STUN_ATTRIBUTE.xorMappedAddress), message.transactionId);
      }
    }),
    { numRuns: 10_000 },
  );
});
