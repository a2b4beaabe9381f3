import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestFaults } from './manifests.mjs';
import { readWorkspace } from './workspace.mjs';

const GOOD = {
  name: '@ouro/one',
  description: 'One',
  license: 'Apache-2.0',
  keywords: ['a', 'b', 'c'],
  homepage: 'https://github.com/ouro-terminal/ouro/tree/main/packages/one#readme',
  bugs: { url: 'https://github.com/ouro-terminal/ouro/issues' },
  repository: {
    type: 'git',
    url: 'git+https://github.com/ouro-terminal/ouro.git',
    directory: 'packages/one',
  },
  engines: { node: '>=22.12' },
  publishConfig: { access: 'public' },
};

let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ouro-manifests-'));
  mkdirSync(join(root, 'apps'));
  mkdirSync(join(root, 'packages/one'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, engines: GOOD.engines }));
  writeFileSync(join(root, 'packages/one/README.md'), '# one\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function faultsOf(manifest) {
  writeFileSync(join(root, 'packages/one/package.json'), JSON.stringify(manifest));
  return manifestFaults(readWorkspace(root), root);
}

test('a package.json that says everything is good, and so is one that is never published', () => {
  expect(faultsOf(GOOD)).toEqual([]);
  expect(faultsOf({ private: true })).toEqual([]);
});

test.each(Object.keys(GOOD).filter((field) => field !== 'name'))('it says its %s', (field) => {
  const { [field]: _gone, ...manifest } = GOOD;
  expect(faultsOf(manifest)).toEqual([`packages/one/package.json: "${field}" is missing or wrong`]);
});

test.each([
  ['homepage', `${GOOD.homepage}x`],
  ['repository', { ...GOOD.repository, directory: 'packages/two' }],
  ['engines', { node: '>=20' }],
  ['publishConfig', { access: 'restricted' }],
  ['keywords', ['a']],
])('another %s is wrong', (field, value) => {
  expect(faultsOf({ ...GOOD, [field]: value })).toEqual([
    `packages/one/package.json: "${field}" is missing or wrong`,
  ]);
});

test('a README comes with it', () => {
  rmSync(join(root, 'packages/one/README.md'));
  expect(faultsOf(GOOD)).toEqual(['packages/one has no README.md']);
});
