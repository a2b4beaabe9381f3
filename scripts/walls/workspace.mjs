import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ folder: string, path: string, name: string, exports: Record<string, Record<string, string>>, tags: string[] }} Package */

/**
 * The packages of a checkout.
 * @returns {Package[]}
 */
export function readWorkspace(root) {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => join(parent, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => readPackage(root, folder)),
  );
}

function readPackage(root, folder) {
  const path = join(root, folder);
  const { name, exports = {} } = readJson(join(path, 'package.json'));
  const turbo = join(path, 'turbo.json');
  const tags = existsSync(turbo) ? (readJson(turbo).tags ?? []) : [];
  return { folder, path, name, exports, tags };
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
