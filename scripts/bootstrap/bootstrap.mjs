import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { runStep } from './step.mjs';
import { toolchain } from './toolchain.mjs';

/** The folders whose children are the packages of the house. */
const WORKSPACES = ['packages', 'apps'];

/**
 * From a plain checkout to built programs: the pinned Node and pnpm, the dependencies, the build. What was done with
 * the same inputs is not done again.
 * @param {string} root the checkout
 * @returns the environment to run programs of the house in
 */
export async function bootstrap(root) {
  const env = await toolchain(root);
  await install(root, env);
  await build(root, env);
  return env;
}

async function install(root, env) {
  const manifests = packageFolders(root).map((folder) => join(folder, 'package.json'));
  const inputs = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.node-version',
    'patches',
    ...manifests,
  ];
  const hash = hashOf(root, inputs);
  // It lies in what the step makes, so it goes when that is removed.
  const stampFile = join(root, 'node_modules', '.ouro-installed');
  if (isStamped(stampFile, hash)) return;
  await runStep('Installing the dependencies', {
    command: join(root, '.tools', 'bin', 'pnpm'),
    args: ['install', '--frozen-lockfile', '--reporter=append-only'],
    cwd: root,
    env,
  });
  stamp(stampFile, hash);
}

async function build(root, env) {
  const folders = packageFolders(root).filter((folder) => existsSync(join(root, folder, 'tsdown.config.ts')));
  const files = ['src', 'package.json', 'tsdown.config.ts', 'tsconfig.json', 'tsconfig.build.json'];
  const inputs = folders.flatMap((folder) => files.map((file) => join(folder, file)));
  const hash = hashOf(root, ['pnpm-lock.yaml', 'tsconfig.base.json', 'turbo.json', 'patches', ...inputs]);
  const stampFile = join(root, 'node_modules', '.ouro-built');
  const isBuilt = folders.every((folder) => existsSync(join(root, folder, 'dist')));
  if (isBuilt && isStamped(stampFile, hash)) return;
  await runStep('Building', { command: 'turbo', args: ['run', 'build'], cwd: root, env });
  stamp(stampFile, hash);
}

function packageFolders(root) {
  return WORKSPACES.flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(parent, entry.name))
      .filter((folder) => existsSync(join(root, folder, 'package.json'))),
  );
}
