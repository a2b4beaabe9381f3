import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runSuite } from './suites.mjs';
import { add, NOTHING, verdict } from './tally.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const skip = { name: 'a', reason: 'b' };

test.each([
  [{ passed: 3 }, false, '3 passed, 0 failed', false],
  [{ passed: 3, failed: 1 }, false, '3 passed, 1 failed', true],
  [{ passed: 3, skipped: [skip] }, false, '3 passed, 0 failed, 1 skipped', false],
  [{ passed: 3, skipped: [skip] }, true, '3 passed, 1 failed', true],
  [{}, false, '0 passed, 0 failed', true],
])('%o, strict %s: %s', (more, isStrict, line, isFailure) => {
  expect(verdict(add(NOTHING, more), isStrict)).toEqual({ line, isFailure });
});

/** Runs a suite of one file, as npm test does. */
async function counted(text) {
  const directory = mkdtempSync(join(tmpdir(), 'ouro-tally-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    symlinkSync(join(ROOT, 'scripts'), join(directory, 'scripts'));
    mkdirSync(join(directory, 'test'));
    writeFileSync(join(directory, 'test/one.test.mjs'), `import { describe, test } from 'vitest';\n${text}`);
    const suite = { name: 'one', args: ['--dir', 'test', '--silent'], quiet: true };
    return await runSuite(suite, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('passed, failed and skipped tests are counted, with the reasons of skips', async () => {
  const summary = await counted(`
    test('good', () => undefined);
    test('bad', () => { throw new Error('x'); });
    test('left out', ({ skip }) => skip('no root'));
    test.skip('declared', () => undefined);
    test.todo('later');
  `);
  expect(summary).toMatchObject({ passed: 1, failed: 1 });
  expect(summary.skipped.map(({ name, reason }) => [name.replace(/^.* > /, ''), reason])).toEqual([
    ['left out', 'no root'],
    ['declared', undefined],
    ['later', 'to do'],
  ]);
});

test.each([
  ['an import that fails', `import './none.mjs';`],
  [
    'a hook that fails',
    `describe('d', async () => { const { beforeAll } = await import('vitest'); beforeAll(() => { throw new Error('x'); }); test('t', () => undefined); });`,
  ],
  [
    'a rejection that nobody handles',
    `test('t', () => { void Promise.reject(new Error('x')); return new Promise((r) => setTimeout(r, 50)); });`,
  ],
])('%s is a failure', async (_name, text) => {
  expect((await counted(text)).failed).toBeGreaterThan(0);
});
