import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What runs in a browser too, by package name: the entries of its `exports`. */
const BROWSER_ENTRIES = {
  '@ouro/base': ['.'],
  '@ouro/webrtc-types': ['.'],
  '@ouro/signaling': ['.', './memory', './compliance'],
  '@ouro/fingerprint': ['./fingerprint'],
  '@ouro/control': ['.'],
  '@ouro/session': ['.', './client', './host'],
  '@ouro/negotiation': ['.'],
  '@ouro/transport-whip': ['./client'],
  '@ouro/transport-peerbook': ['./client'],
};

/** Libraries known to run in a browser. */
const BROWSER_LIBRARIES = /^(typebox|@xterm\/headless|@xterm\/addon-serialize|vitest)(\/|$)/;

/** The condition of `exports` that names the source. */
const SOURCE = 'ouro-source';

const IMPORTS = [
  /^\s*(?:import|export)(?!\s+type\b)[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
];

/** Each way from a browser's entry, through any file and package, to what a browser does not have. */
export function browserFaults(workspace) {
  return workspace.flatMap((one) =>
    (BROWSER_ENTRIES[one.name] ?? []).flatMap((entry) => {
      const start = sourceOf(one, entry);
      if (start === undefined) return [`${one.name} has no export "${entry}" with a source`];
      return faultsBelow(start, workspace);
    }),
  );
}

/** Breadth first, so that the way that is shown is the shortest. */
function faultsBelow(start, workspace) {
  const seen = new Set([start]);
  const queue = [[start]];
  const faults = [];
  for (const way of queue) {
    const file = way.at(-1);
    for (const specifier of importsOf(file)) {
      const target = resolve(specifier, file, workspace);
      if (target === 'safe' || seen.has(target)) continue;
      if (target === undefined) {
        faults.push(`a browser cannot load "${specifier}": ${show(way)}`);
        continue;
      }
      seen.add(target);
      queue.push([...way, target]);
    }
  }
  return faults;
}

/** The file that a specifier means; 'safe' for a library that a browser can load; undefined for anything else. */
function resolve(specifier, from, workspace) {
  if (specifier.startsWith('.')) {
    const path = join(dirname(from), specifier);
    return existsSync(path) ? path : undefined;
  }
  const owner = workspace.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (owner !== undefined) return sourceOf(owner, `.${specifier.slice(owner.name.length)}`);
  return BROWSER_LIBRARIES.test(specifier) ? 'safe' : undefined;
}

function sourceOf({ path, exports }, entry) {
  const source = exports[entry]?.[SOURCE];
  return source === undefined ? undefined : join(path, source);
}

function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]));
}

function show(way) {
  return way.map((file) => relative(process.cwd(), file)).join(' -> ');
}
