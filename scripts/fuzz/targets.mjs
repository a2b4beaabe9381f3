import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspace } from '../walls/workspace.mjs';

const USES_FAST_CHECK = /from ['"]fast-check['"]/;

/**
 * The packages that have properties.
 *
 * @returns {{ folder: string, files: string[] }[]} Paths from the root.
 */
export function findTargets(root) {
  return readWorkspace(root)
    .map(({ folder }) => ({ folder, files: propertyFiles(root, join(folder, 'test')) }))
    .filter(({ files }) => files.length > 0);
}

function propertyFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .filter((path) => USES_FAST_CHECK.test(readFileSync(join(root, path), 'utf8')))
    .sort();
}
