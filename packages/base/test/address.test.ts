import { expect, test } from 'vitest';
import { canonicalAddress, isAddress, sameAddress, withoutZone } from '../src/node/index.ts';

test.for([
  ['192.0.2.1', true],
  ['2001:db8::1', true],
  ['fe80::1%eth0', true],
  ['::ffff:192.0.2.1', true],
  ['1.2.3', false],
  ['example.org', false],
  ['12:34', false],
  ['', false],
] as const)('%s is an address: %s', ([text, expected]) => {
  expect(isAddress(text)).toBe(expected);
});

test('one address has one text', () => {
  expect(canonicalAddress('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
  expect(canonicalAddress('fe80::1%eth0')).toBe('fe80::1');
  expect(canonicalAddress('192.0.2.1')).toBe('192.0.2.1');
  expect(withoutZone('fe80::1%eth0')).toBe('fe80::1');
});

test('two places are the same by address and port', () => {
  const here = { address: '::1', port: 7 };
  expect(sameAddress(here, { ...here })).toBe(true);
  expect(sameAddress(here, { ...here, port: 8 })).toBe(false);
  expect(sameAddress(here, { ...here, address: '::2' })).toBe(false);
});
