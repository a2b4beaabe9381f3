import { decodeStun, encodeStun, newTransactionId, STUN_ATTRIBUTE, type StunMessage } from '@ouro/stun';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Check, checkIn, encodeCheck, type IceCredentials, isProven } from '../src/checks.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** As an agent takes a request that a socket has not proven. */
function authenticCheck(
  request: StunMessage,
  local: IceCredentials,
  remote: IceCredentials | undefined,
): Check | undefined {
  return isProven(request, local) ? checkIn(request, local, remote) : undefined;
}

/** RFC 5769 section 2. */
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
  80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
  c1b571a2 80280004 e57a3bcf`);

test('the published request is a check, for whom it names, with its password', () => {
  const message = decodeStun(REQUEST);
  if (message === undefined) throw new Error('not read');
  const local = { ufrag: 'evtj', pwd: PASSWORD };
  expect(authenticCheck(message, local, undefined)?.priority).toBe(0x6e0001ff);
  expect(authenticCheck(message, local, { ufrag: 'h6vY', pwd: '' })).toBeDefined();
  expect(authenticCheck(message, local, { ufrag: 'else', pwd: '' })).toBeUndefined();
  expect(authenticCheck(message, { ufrag: 'else', pwd: PASSWORD }, undefined)).toBeUndefined();
  expect(authenticCheck(message, { ufrag: 'evtj', pwd: 'another password 123' }, undefined)).toBeUndefined();
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

test('no bytes make the reader of checks throw', () => {
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
      }
    }),
    { numRuns: 10_000 },
  );
});
