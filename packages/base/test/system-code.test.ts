import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemCode } from '../src/node/index.ts';

test('the code of what the system throws', async () => {
  const thrown: unknown = await readFile('/nowhere/at/all').catch((error: unknown) => error);
  expect(systemCode(thrown)).toBe('ENOENT');
});

test.each([
  new Error('without'),
  new DOMException('a number', 'AbortError'),
  { code: 'ENOENT' },
  'ENOENT',
  undefined,
])('nothing of anything else: %s', (thrown) => {
  expect(systemCode(thrown)).toBeUndefined();
});
