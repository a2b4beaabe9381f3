import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../bootstrap/program.mjs';
import { integrityOf, PINS_FILE, pinnedNames } from './pins.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const PINS = JSON.parse(read(PINS_FILE));
const ALL = Object.values(PINS).flatMap((platforms) => Object.values(platforms));
const REFRESH = 'after a change of version run: node scripts/pin-packages.mjs';

test('what an installation brings is of the versions that the house is pinned to', () => {
  const names = Object.entries(PINS).map(([part, platforms]) => [
    part,
    Object.fromEntries(
      Object.entries(platforms).map(([platform, { name, version }]) => [platform, { name, version }]),
    ),
  ]);
  expect(Object.fromEntries(names), REFRESH).toEqual(pinnedNames(ROOT));
  for (const { integrity } of ALL) expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
});

test('the terminals have the hashes of the lock file', () => {
  const lock = read('pnpm-lock.yaml');
  for (const { name, version, integrity } of Object.values(PINS.pty)) {
    expect(lock).toContain(`'${name}@${version}':\n    resolution: {integrity: ${integrity}}`);
  }
});

test("this platform's Node has the hash that npm checked when the checkout was set up", ({ skip }) => {
  const notes = '.tools/node_modules/.package-lock.json';
  const own = PINS.node[`${process.platform}-${process.arch}`];
  skip(own === undefined || !existsSync(join(ROOT, notes)), 'the checkout was not set up by its own script');
  expect(JSON.parse(read(notes)).packages[`node_modules/${own.name}`]).toMatchObject({
    version: own.version,
    integrity: own.integrity,
  });
});

test('each has the hash that the registry has', { timeout: 60_000 }, async ({ skip }) => {
  const found = await Promise.allSettled(ALL.map(integrityOf));
  const unreachable = found.every(({ status }) => status === 'rejected');
  skip(unreachable && process.env.CI !== 'true', 'the package registry cannot be reached');
  expect(found.map(({ value }) => value)).toEqual(ALL.map(({ integrity }) => integrity));
});
