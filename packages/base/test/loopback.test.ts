import { expect, test } from 'vitest';
import { isLoopback } from '../src/index.ts';

test.each([
  '127.0.0.1',
  '127.255.255.255',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::ffff:127.0.0.1',
  '::FFFF:127.1.2.3',
  new URL('http://[::ffff:127.0.0.1]').hostname,
  'localhost',
  'LocalHost.',
  'ouro.localhost',
])('%s is of this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  '',
  '128.0.0.1',
  '127.0.0',
  '127.0.0.256',
  '127.0.0.1.example.com',
  '::',
  '::2',
  '::11',
  'fe80::1',
  '::ffff:128.0.0.1',
  '::ffff:127.0.0.1.example.com',
  '::ffff:8000:1',
  'localhost.example.com',
  'notlocalhost',
  '.localhost',
  '0.0.0.0',
])('%j is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});
