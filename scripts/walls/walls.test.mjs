import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The rules of Biome that hold walls; others are not this test's business. */
const WALL_RULES = [
  'correctness/noNodejsModules',
  'correctness/noUndeclaredDependencies',
  'style/noRestrictedGlobals',
  'style/noRestrictedImports',
  'suspicious/noImportCycles',
];

const COPIED = [
  'package.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'turbo.json',
  'biome.json',
  '.gitignore',
];
const LEFT_OUT = new Set(['node_modules', 'dist', '.turbo', 'test']);

let copy;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ouro-walls-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name));
  for (const name of ['packages', 'apps']) {
    cpSync(join(ROOT, name), join(copy, name), {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(basename(path)),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
  // Without the frames and line breaks that are drawn for a terminal.
  return { isGood: status === 0, text: (stdout + stderr).replaceAll(/[\s|]+/g, ' ') };
}

const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

const CHECKS = {
  walls: () => run(process.execPath, [join(ROOT, 'scripts/walls.mjs'), copy]),
  lint: (file = '.') => run(bin('biome'), ['lint', ...WALL_RULES.map((rule) => `--only=${rule}`), file]),
};

/** Changes a file of the copy, or makes one, until the result is disposed. */
function change(path, edit) {
  const file = join(copy, path);
  const before = readOrNothing(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, edit(before ?? ''));
  return {
    [Symbol.dispose]: () =>
      before === undefined ? rmSync(file, { force: true }) : writeFileSync(file, before),
  };
}

function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Declares a dependency in the manifest of a folder. */
function declare(folder, name) {
  return change(join(folder, 'package.json'), (text) => {
    const manifest = JSON.parse(text);
    manifest.dependencies = { ...manifest.dependencies, [name]: 'workspace:*' };
    return JSON.stringify(manifest, null, 2);
  });
}

const importing = (specifier) => () => `export * from '${specifier}';\n`;

test.each(['apps/cli/src/broken.ts', 'packages/session/src/broken.ts', 'packages/peer/src/broken.ts'])(
  '%s uses no global that the lowest engine lacks',
  (file) => {
    using _source = change(file, () => 'export const stack = new AsyncDisposableStack();\n');
    expect(CHECKS.lint(file).text).toContain('noRestrictedGlobals');
  },
);

test('a published package says what it is', () => {
  using _manifest = change('packages/control/package.json', (text) => text.replace('"keywords"', '"words"'));
  expect(CHECKS.walls()).toMatchObject({
    isGood: false,
    text: expect.stringContaining('packages/control/package.json: "keywords" is missing or wrong'),
  });
});

test('the walls stand', () => {
  expect(CHECKS.walls()).toMatchObject({ isGood: true });
  expect(CHECKS.lint()).toMatchObject({ isGood: true });
});

describe('a declared dependency goes down only', () => {
  test.each([
    ['packages/base', '@ouro/signaling'],
    ['packages/signaling', '@ouro/control'],
    ['packages/stun', '@ouro/ice'],
    ['packages/ice', '@ouro/dtls'],
    ['packages/dtls', '@ouro/sctp'],
    ['packages/sctp', '@ouro/session'],
    ['packages/negotiation', '@ouro/peer'],
    ['packages/ssh-client', '@ouro/transport-ssh'],
    ['packages/control', '@ouro/fingerprint'],
    ['packages/fingerprint', '@ouro/peer'],
    ['packages/session', '@ouro/peer'],
    ['packages/peer', '@ouro/transport-whip'],
    ['packages/transport-ssh', '@ouro/transport-whip'],
    ['packages/transport-whip', '@ouro/transport-ssh'],
    ['packages/transport-ssh', '@ouro/agent'],
    ['apps/agent', '@ouro/cli'],
  ])('%s does not depend on %s', (folder, name) => {
    using _manifest = declare(folder, name);
    using _source = change(join(folder, 'src/broken.ts'), importing(name));
    const { isGood, text } = CHECKS.walls();
    expect(isGood).toBe(false);
    expect(text).toContain(`allowlist for`);
  });

  test('a package must have the tag of its floor', () => {
    using _tags = change('packages/transport-ssh/turbo.json', () => '{ "extends": ["//"], "tags": ["app"] }');
    expect(CHECKS.walls().text).toContain('must have the one tag "transport"');
  });

  test('a new package must have a floor', () => {
    using _new = change('packages/unheard-of/package.json', () => '{ "name": "@ouro/unheard-of" }');
    expect(CHECKS.walls()).toMatchObject({ isGood: false, text: expect.stringContaining('has no floor') });
  });
});

describe('an import of another package', () => {
  test('is declared', () => {
    using _source = change('packages/control/src/broken.ts', importing('@ouro/fingerprint'));
    expect(CHECKS.walls().isGood).toBe(false);
    expect(CHECKS.lint('packages/control/src/broken.ts').text).toContain('noUndeclaredDependencies');
  });

  test('does not lean on a library that only tests have', () => {
    using _source = change('packages/control/src/broken.ts', importing('fast-check'));
    expect(CHECKS.lint('packages/control/src/broken.ts').text).toContain('noUndeclaredDependencies');
  });

  test.each([
    '@ouro/signaling/src/errors.ts',
    '../../signaling/src/errors.ts',
    '@ouro/signaling/dist/index.mjs',
  ])('is not of %s', (specifier) => {
    using _source = change('packages/control/src/broken.ts', importing(specifier));
    const lint = CHECKS.lint('packages/control/src/broken.ts');
    const walls = CHECKS.walls();
    expect(lint.isGood && walls.isGood).toBe(false);
  });

  test('makes no ring', () => {
    using _one = change('packages/control/src/broken-a.ts', importing('./broken-b.ts'));
    using _two = change('packages/control/src/broken-b.ts', importing('./broken-a.ts'));
    expect(CHECKS.lint('packages/control/src').text).toContain('noImportCycles');
  });
});

describe('a ring of types', () => {
  test.each(['import type', 'export type'])('is a ring too, made by %s', (keyword) => {
    const taking = (from) => () => `${keyword} { Broken } from '${from}';\nexport const broken = 1;\n`;
    using _one = change('packages/control/src/broken-a.ts', taking('./broken-b.ts'));
    using _two = change('packages/control/src/broken-b.ts', taking('./broken-a.ts'));
    expect(CHECKS.lint('packages/control/src').text).toContain('noImportCycles');
  });
});

describe('what runs in a browser', () => {
  test.each([
    'packages/signaling/src/broken.ts',
    'packages/control/src/broken.ts',
    'packages/session/src/client/broken.ts',
    'packages/session/src/host/broken.ts',
    'packages/fingerprint/src/fingerprint.ts',
    'packages/base/src/broken.ts',
    'packages/webrtc-types/src/broken.ts',
    'packages/negotiation/src/broken.ts',
    'packages/negotiation/src/machine/broken.ts',
    'packages/transport-whip/src/client/broken.ts',
  ])('%s has no node: import and no Buffer', (file) => {
    using _source = change(
      file,
      (text) => `import 'node:fs';\n${text}\nexport const broken = Buffer.of(1);\n`,
    );
    const { text } = CHECKS.lint(file);
    expect(text).toContain('noNodejsModules');
    expect(text).toContain('noRestrictedGlobals');
  });

  test.each([
    ['packages/fingerprint/src/fingerprint.ts', './private-file.ts', 'node:'],
    ['packages/negotiation/src/index.ts', '@ouro/fingerprint', 'node:'],
    ['packages/session/src/client/index.ts', 'pino', 'pino'],
  ])('%s does not reach Node through %s', (file, specifier, culprit) => {
    using _source = change(file, (text) => `import '${specifier}';\n${text}`);
    const { isGood, text } = CHECKS.walls();
    expect(isGood).toBe(false);
    expect(text).toContain(`a browser cannot load "${culprit}`);
  });
});

describe('a protocol stack', () => {
  test.each([
    ['packages/ice/src/broken.ts', 'setTimeout(() => {}, 1)'],
    ['packages/sctp/src/broken.ts', 'performance.now()'],
    ['packages/stun/src/broken.ts', 'Date.now()'],
  ])('%s has no time of its own: %s', (file, expression) => {
    using _source = change(file, () => `export const broken = ${expression};\n`);
    expect(CHECKS.lint(file).text).toContain('noRestrictedGlobals');
  });

  test('has no randomness of its own', () => {
    using _source = change(
      'packages/dtls/src/broken.ts',
      () => `import { randomBytes } from 'node:crypto';\nexport const broken = randomBytes(1);\n`,
    );
    expect(CHECKS.lint('packages/dtls/src/broken.ts').text).toContain('noRestrictedImports');
  });
});

describe('a library with one home', () => {
  test.each([
    ['packages/session/src/broken.ts', 'werift'],
    ['packages/peer/src/broken.ts', 'werift'],
    ['packages/transport-whip/src/server/broken.ts', 'werift'],
    ['apps/agent/src/broken.ts', 'werift'],
    ['packages/session/src/host/broken.ts', '@lydell/node-pty'],
    ['packages/peer/src/broken.ts', 'node-pty'],
    ['apps/cli/src/broken.ts', '@lydell/node-pty'],
    ['packages/transport-whip/src/client/broken.ts', 'fastify'],
    ['packages/transport-ssh/src/broken.ts', 'fastify'],
    ['packages/peer/src/broken.ts', '@fastify/cors'],
    ['apps/cli/src/broken.ts', '@ouro/agent'],
  ])('%s does not import %s', (file, library) => {
    using _source = change(file, importing(library));
    expect(CHECKS.lint(file).text).toContain('noRestrictedImports');
  });

  test('not even when it is loaded late', () => {
    using _source = change(
      'packages/session/src/broken.ts',
      () => `export const late = () => import('werift');\n`,
    );
    expect(CHECKS.lint('packages/session/src/broken.ts').text).toContain('noRestrictedImports');
  });

  test.each([
    ['packages/peer/test/fine.ts', 'werift'],
    ['apps/agent/src/fine.ts', '@lydell/node-pty'],
    ['packages/transport-whip/src/server/fine.ts', 'fastify'],
    ['apps/agent/src/fine.ts', 'fastify'],
  ])('%s may import %s', (file, library) => {
    using _source = change(file, importing(library));
    expect(CHECKS.lint(file).text).not.toContain('noRestrictedImports');
  });
});
