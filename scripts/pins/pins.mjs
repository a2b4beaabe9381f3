import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE_PACKAGES, pinned } from '../bootstrap/toolchain.mjs';

const run = promisify(execFile);

/** Longest wait for an answer of the registry, in ms. */
const VIEW_TIMEOUT_MS = 30_000;

/** Where the client has what it may bring to a host, below the checkout. */
export const PINS_FILE = 'apps/cli/src/install/pinned-packages.json';

/**
 * The packages with native code that an installation may bring, by the platform they are for: Node itself, and the
 * agent's terminal. Without their hashes.
 */
export function pinnedNames(root) {
  const { node } = pinned(root);
  const pty = /"@lydell\/node-pty": (\S+)/.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))?.[1];
  const platforms = Object.entries(NODE_PACKAGES);
  return {
    node: Object.fromEntries(platforms.map(([platform, name]) => [platform, { name, version: node }])),
    pty: Object.fromEntries(
      platforms.map(([platform]) => [platform, { name: `@lydell/node-pty-${platform}`, version: pty }]),
    ),
  };
}

/**
 * The hash of a package's tarball, as the registry of npm's own configuration has it.
 * @returns SRI text, `sha512-…`
 */
export async function integrityOf({ name, version }) {
  const options = { timeout: VIEW_TIMEOUT_MS };
  const { stdout } = await run('npm', ['view', `${name}@${version}`, 'dist.integrity', '--json'], options);
  return JSON.parse(stdout);
}
