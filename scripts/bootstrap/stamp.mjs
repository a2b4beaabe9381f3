import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Directories that are made, not written. */
const MADE = new Set(['node_modules', 'dist', '.turbo', '.git', '.tools']);

/** The content of files and directories (walked down, sorted) and words, as one hash. Missing files count as such. */
export function hashOf(root, paths, words = []) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const path of paths.flatMap((each) => filesBelow(join(root, each)))) {
    hash.update(`\0${relative(root, path)}\0`).update(contentOf(path) ?? 'missing');
  }
  return hash.digest('hex');
}

/** Whether the step that this stamp tells of was done with the same inputs. */
export function isStamped(path, hash) {
  return contentOf(path)?.toString() === hash;
}

/** Notes that a step is done. */
export function stamp(path, hash) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, hash);
  renameSync(`${path}.new`, path);
}

function filesBelow(path) {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [path];
  }
  return entries
    .filter((entry) => !MADE.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
    );
}

function contentOf(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
