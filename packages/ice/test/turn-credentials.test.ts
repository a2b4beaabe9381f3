import { expect, test } from 'vitest';
import { turnCredentials } from '../src/turn/credentials.ts';

test('R1, R5: the name begins with the expiry, the credential is its HMAC', () => {
  expect(turnCredentials('north-secret', { expiresAt: 1_760_000_000, id: 'alice' })).toEqual({
    username: '1760000000:alice',
    credential: 'iHg4vWLMya2pKXEZksF6LgR27K8=',
  });
  expect(turnCredentials('s', { expiresAt: 1_760_000_000 }).username).toBe('1760000000');
});

test.each([
  ['R2: milliseconds', { expiresAt: 1_760_000_000_000 }],
  ['half a second', { expiresAt: 1.5 }],
  ['a time before 1970', { expiresAt: -1 }],
  ['the separator in an id', { expiresAt: 1, id: 'a:b' }],
  ['an id that is too long', { expiresAt: 1, id: 'a'.repeat(65) }],
  ['no id at all', { expiresAt: 1, id: '' }],
])('%s is refused', (_, init) => {
  expect(() => turnCredentials('north-secret', init)).toThrow(RangeError);
});
