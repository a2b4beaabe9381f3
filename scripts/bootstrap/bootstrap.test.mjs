import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { pinned } from './toolchain.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'ouro-bootstrap-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs the bootstrap in a checkout that has nothing but what it reads first. */
function bootstrapIn(directory, env) {
  for (const name of ['scripts', 'package.json', '.node-version']) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  const home = join(directory, 'home');
  mkdirSync(home);
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.mjs'], {
    cwd: directory,
    env: { HOME: home, ...env },
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('the pins agree with each other', () => {
  const { node, pnpm } = pinned(ROOT);
  expect(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')).toContain(`\n  node: ${node}\n`);
  expect(pnpm).toMatch(/^\d+\.\d+\.\d+$/);
});

test('a hash follows content, names and words, and passes over what is made', () => {
  using directory = temporaryDirectory();
  const write = (name, text) => {
    mkdirSync(dirname(join(directory.path, name)), { recursive: true });
    writeFileSync(join(directory.path, name), text);
  };
  const hash = (words) => hashOf(directory.path, ['src', 'missing.json'], words);
  write('src/a/b.ts', '1');
  const first = hash();
  write('src/node_modules/x.ts', '1');
  write('src/dist/x.ts', '1');
  expect(hash()).toBe(first);
  const seen = new Set([first, hash(['word'])]);
  write('src/a/b.ts', '2');
  seen.add(hash());
  write('src/c.ts', '');
  seen.add(hash());
  write('missing.json', '');
  seen.add(hash());
  expect(seen.size).toBe(5);
});

test('a stamp is of one hash', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'a/stamp');
  expect(isStamped(file, 'x')).toBe(false);
  stamp(file, 'x');
  expect(isStamped(file, 'x')).toBe(true);
  expect(isStamped(file, 'y')).toBe(false);
});

test('without npm it says so', () => {
  using directory = temporaryDirectory();
  const { status, stderr } = bootstrapIn(directory.path, { PATH: directory.path });
  expect(status).toBe(1);
  expect(stderr).toMatch(/npm was not found on the PATH\. It comes with Node\.js/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
});

test('without a registry it says so', () => {
  using directory = temporaryDirectory();
  const { status, stderr } = bootstrapIn(directory.path, {
    PATH: process.env.PATH,
    // Port 9, discard: nothing answers there.
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_fetch_retries: '0',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('The package registry cannot be reached');
}, 30_000);
