import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CliError } from '../errors.ts';
import { type PinnedPackage, PTY_BUILDS } from './pinned-packages.ts';

const ManifestSchema = Type.Object({
  version: Type.String(),
  dependencies: Type.Optional(Type.Record(Type.String(), Type.String())),
});

/** The one part of the agent that is native code. */
const PTY = '@lydell/node-pty';

/** The agent's files, gathered in a directory of their own. Disposing removes it. */
export interface Pack extends AsyncDisposable {
  /** Unlike for different contents. */
  readonly name: string;
  readonly version: string;
  /** What the host has to fetch by npm, because it is not here for its platform; `name@version`. */
  readonly missing: string | undefined;
  /** A gzipped tar of all files. */
  tar(): AsyncIterable<Uint8Array>;
}

async function manifestAt(path: string): Promise<{ version: string }> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!Value.Check(ManifestSchema, value)) throw new CliError('install', `${path} is no package`);
  return value;
}

function agentDirectory(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('@ouro/agent/package.json'));
  } catch (cause) {
    throw new CliError(
      'install',
      'The agent that belongs to this client is not installed; install ouro anew',
      { cause },
    );
  }
}

/** Where Node finds a package from a directory; undefined when it is not installed. */
function packageDirectory(name: string, from: string): string | undefined {
  for (const base of createRequire(join(from, 'x.js')).resolve.paths(name) ?? []) {
    try {
      return dirname(createRequire(join(base, 'x.js')).resolve(join(base, name, 'package.json')));
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const name of names)
    hash
      .update(name.slice(directory.length))
      .update('\0')
      .update(await readFile(name))
      .update('\0');
  return hash.digest('hex').slice(0, 12);
}

async function* tarOf(directory: string): AsyncGenerator<Uint8Array> {
  const child: ChildProcessWithoutNullStreams = spawn('tar', ['-czf', '-', '-C', directory, '.']);
  child.stderr.resume();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new CliError('install', 'tar is needed on this machine to pack the agent', { cause })),
    );
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  for await (const chunk of child.stdout) yield chunk;
  if ((await ended) !== 0) throw new CliError('install', 'The agent could not be packed by tar');
}

/** Gives the tarball of a package that is not on this machine. */
export type FetchPackage = (pinned: PinnedPackage) => Promise<Uint8Array>;

async function unpackTo(directory: string, tarball: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true });
  const child = spawn('tar', ['-xzof', '-', '-C', directory, '--strip-components=1'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A tar that ends early says so by its exit code.
  child.stdin.on('error', () => undefined).end(tarball);
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new CliError('install', 'A package could not be unpacked by tar');
}

/** Copies the native part for a platform, or fetches it; false when it is not to be had here. */
async function copyPty(
  { agent, staging }: { agent: string; staging: string },
  platform: string,
  fetchPackage: FetchPackage | undefined,
): Promise<boolean> {
  const pty = packageDirectory(PTY, agent);
  const native = pty && packageDirectory(`${PTY}-${platform}`, pty);
  const pinned = PTY_BUILDS[platform];
  const modules = join(staging, 'node_modules');
  const options = { recursive: true, dereference: true } as const;
  if (pty && native) await cp(native, join(modules, `${PTY}-${platform}`), options);
  else if (pty && pinned && fetchPackage)
    await unpackTo(join(modules, pinned.name), await fetchPackage(pinned));
  else return false;
  await cp(pty, join(modules, PTY), options);
  return true;
}

/**
 * Gathers the agent that belongs to this client for a platform (`linux-x64`). Without `fetchPackage` the host is to fetch
 * by npm what is missing here.
 * @throws CliError `install` when it is not built or installed
 */
export async function pack(platform: string, fetchPackage?: FetchPackage): Promise<Pack> {
  const agent = agentDirectory();
  const { version } = await manifestAt(join(agent, 'package.json'));
  const staging = await mkdtemp(join(tmpdir(), 'ouro-pack-'));
  try {
    for (const part of ['bin', 'dist']) await cp(join(agent, part), join(staging, part), { recursive: true });
    await writeFile(
      join(staging, 'package.json'),
      `${JSON.stringify({ name: '@ouro/agent', version, type: 'module' })}\n`,
    );
    await mkdir(join(staging, 'node_modules'));
    const complete = await copyPty({ agent, staging }, platform, fetchPackage);
    const pty = packageDirectory(PTY, agent);
    const missing =
      complete || !pty ? undefined : `${PTY}@${(await manifestAt(join(pty, 'package.json'))).version}`;
    return {
      name: `agent-${version}-${await digestOf(staging)}`,
      version,
      missing: complete ? undefined : (missing ?? PTY),
      tar: () => tarOf(staging),
      [Symbol.asyncDispose]: () => rm(staging, { recursive: true, force: true }),
    };
  } catch (thrown) {
    await rm(staging, { recursive: true, force: true });
    throw thrown instanceof CliError
      ? thrown
      : new CliError('install', 'The agent that belongs to this client is not complete; install ouro anew', {
          cause: thrown,
        });
  }
}
