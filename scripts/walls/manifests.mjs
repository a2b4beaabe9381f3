import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where all of it lives. */
const HOME = 'https://github.com/ouro-terminal/ouro';

/** Fewer keywords find nobody. */
const MIN_KEYWORDS = 3;

/** What the package.json of a published package must say, by the folder of the package. */
const WANTED = {
  description: (value) => typeof value === 'string' && value !== '',
  license: (value) => value === 'Apache-2.0',
  keywords: (value) => Array.isArray(value) && value.length >= MIN_KEYWORDS,
  homepage: (value, folder) => value === `${HOME}/tree/main/${folder}#readme`,
  bugs: (value) => value?.url === `${HOME}/issues`,
  repository: (value, folder) =>
    value?.type === 'git' && value.url === `git+${HOME}.git` && value.directory === folder,
  engines: (value, _folder, { engines }) => value?.node === engines.node,
  // A scoped package would be published for its owners alone.
  publishConfig: (value) => value?.access === 'public',
};

/** Published packages whose package.json lacks something, or that have no README. */
export function manifestFaults(workspace, root) {
  const house = readManifest(root);
  return workspace.flatMap(({ folder, path }) => {
    const manifest = readManifest(path);
    if (manifest.private === true) return [];
    const wrong = Object.keys(WANTED).filter((field) => !WANTED[field](manifest[field], folder, house));
    const faults = wrong.map((field) => `${folder}/package.json: "${field}" is missing or wrong`);
    return existsSync(join(path, 'README.md')) ? faults : [...faults, `${folder} has no README.md`];
  });
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}
