import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fuzz } from './fuzz.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SETUP = join(ROOT, 'scripts/properties/setup.mjs');

// vitest starts within each test.
vi.setConfig({ testTimeout: 60_000 });

let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ouro-fuzz-'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'apps'));
  writeFileSync(join(root, 'vitest.config.mjs'), `export default { test: { projects: ['packages/*'] } };\n`);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A package with one test of its own. */
function plant(name, body) {
  mkdirSync(join(root, 'packages', name, 'test'), { recursive: true });
  writeFileSync(join(root, 'packages', name, 'package.json'), JSON.stringify({ name }));
  writeFileSync(
    join(root, 'packages', name, 'vitest.config.mjs'),
    `export default { test: { setupFiles: [${JSON.stringify(SETUP)}] } };\n`,
  );
  writeFileSync(
    join(root, 'packages', name, 'test/one.test.ts'),
    `import { appendFileSync } from 'node:fs';
     import fc from 'fast-check';
     import { test } from 'vitest';
     ${body}`,
  );
}

/** Runs a command as a person's shell would; its exit code. */
function shell(command, env = {}) {
  const { CI: _ci, ...rest } = process.env;
  const child = spawn('sh', ['-c', command], { cwd: root, env: { ...rest, ...env }, stdio: 'ignore' });
  return new Promise((resolve) => child.on('close', resolve));
}

async function fuzzUntilFound() {
  const found = new AbortController();
  let told = '';
  const write = (text) => {
    told += text;
    found.abort();
  };
  return { ...(await fuzz({ root, forMs: 60_000, write, signal: found.signal })), told };
}

describe('pnpm fuzz', () => {
  test('finds a planted fault and says how to replay it', async () => {
    // 100 runs hardly meet one number in 5,000; some seconds of them do.
    plant(
      'odd',
      `test("it's rare (1 in 5,000)", () => fc.assert(fc.property(fc.nat(), (n) => n % 5000 !== 4999)));`,
    );
    const { finds, told } = await fuzzUntilFound();
    expect(finds).toBe(1);
    expect(told).toMatch(
      /^\nfound: packages\/odd\/test\/one\.test\.ts > it's rare \(1 in 5,000\)\n {2}seed: -?\d+\n {2}path: [\d:]+\n/,
    );
    expect(told).toContain('Counterexample: [');
    const replay = /replay: (.*) pnpm (.*)/.exec(told);
    expect(await shell(`${replay?.[1]} ${replay?.[2]}`)).toBe(1);
    // The same test on another seed passes, so that it was the seed which brought it back.
    expect(await shell(`OURO_PROPERTY_SEED=1 ${replay?.[2]}`)).toBe(0);
  });

  test('tells what fails without a seed', async () => {
    plant('broken', `throw new Error('cannot be loaded');`);
    const { finds, told } = await fuzzUntilFound();
    expect(finds).toBe(1);
    expect(told).toContain('not by a seed: cannot be loaded');
  });

  test('ends with its time, also in the middle of a run', async () => {
    plant('endless', `test('x', () => fc.assert(fc.asyncProperty(fc.nat(), () => new Promise(() => {}))));`);
    expect(await fuzz({ root, forMs: 3000, write: () => undefined })).toEqual({ finds: 0, turns: 1 });
  });

  test('takes every package in turn', async () => {
    for (const name of ['one', 'two', 'three']) {
      plant(
        name,
        `test('x', () => { appendFileSync(${JSON.stringify(join(root, 'turns'))}, '${name} '); fc.assert(fc.property(fc.nat(), () => true)); });`,
      );
    }
    const names = () => (existsSync(join(root, 'turns')) ? readFileSync(join(root, 'turns'), 'utf8') : '');
    const enough = new AbortController();
    const watch = setInterval(() => {
      if (names().split(' ').length > 4) enough.abort();
    }, 100);
    await fuzz({ root, forMs: 60_000, write: () => undefined, propertyMs: 10, signal: enough.signal });
    clearInterval(watch);
    expect('one three two one three two ').toContain(names().split(' ').slice(0, 3).join(' '));
  });
});

test('with CI=true, properties run on one seed in every run', async () => {
  plant(
    'lucky',
    `test('x', () => fc.assert(fc.property(fc.nat(), (n) => appendFileSync(${JSON.stringify(join(root, 'numbers'))}, n + '\\n')), { numRuns: 1 }));`,
  );
  for (const CI of ['true', 'true', '', '']) expect(await shell('vitest run', { CI })).toBe(0);
  const [first, second, ...others] = readFileSync(join(root, 'numbers'), 'utf8').trimEnd().split('\n');
  expect(second).toBe(first);
  expect(new Set([first, ...others]).size).toBeGreaterThan(1);
});
