import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE, type Programs } from './paths.ts';
import { run } from './run.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** It reads all the packages, on a machine that may be busy. */
const TYPECHECK_TIMEOUT_MS = 150_000;
const COPIED = ['src', 'package.json', 'tsconfig.json'];

/** The name of an app's folder. */
export type App = 'agent' | 'cli';

/** Copies of the sources of both programs, to be changed; they run and resolve packages as the originals do. Gone on dispose. */
export class ChangedApps implements AsyncDisposable {
  /** The copies as they are when a program is started. */
  readonly programs: Programs;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    const source = (app: App) => [NODE, '--conditions=ouro-source', join(folder, 'apps', app, 'src/main.ts')];
    this.programs = { ouro: source('cli'), agent: source('agent') };
  }

  static async create(): Promise<ChangedApps> {
    const apps = new ChangedApps(await mkdtemp(join(tmpdir(), 'ouro-apps-')));
    await cp(join(ROOT, 'tsconfig.base.json'), join(apps.#folder, 'tsconfig.base.json'));
    for (const app of ['agent', 'cli'] as const) await apps.#copy(app);
    return apps;
  }

  async #copy(app: App): Promise<void> {
    const original = join(ROOT, 'apps', app);
    for (const name of COPIED) await cp(join(original, name), this.path(app, name), { recursive: true });
    await linkAll(join(original, 'node_modules'), this.path(app, 'node_modules'));
    // A folder of its own, so that there is a place for another package.
    await rm(this.path(app, 'node_modules/@ouro'));
    await linkAll(join(original, 'node_modules/@ouro'), this.path(app, 'node_modules/@ouro'));
  }

  /** Where something of a copy is. */
  path(app: App, name = ''): string {
    return join(this.#folder, 'apps', app, name);
  }

  /** Lets both copies import a package: what its line among their dependencies, and an installation, would do. */
  async install(name: string, folder: string): Promise<void> {
    for (const app of ['agent', 'cli'] as const)
      await symlink(folder, this.path(app, join('node_modules', name)));
  }

  /** Adds a line to a file of a copy, below the only line that begins with `above`. */
  async addLine(app: App, name: string, above: string, line: string): Promise<void> {
    const lines = (await readFile(this.path(app, name), 'utf8')).split('\n');
    const at = lines.findIndex((one) => one.startsWith(above));
    if (at < 0 || at !== lines.findLastIndex((one) => one.startsWith(above)))
      throw new Error(`${name} has not exactly one line that begins with ${above}`);
    await writeFile(this.path(app, name), lines.toSpliced(at + 1, 0, line).join('\n'));
  }

  /** The lines in which a copy differs from the original, each with `+` or `-` and its file. */
  async diff(app: App): Promise<string[]> {
    const original = await textsOf(join(ROOT, 'apps', app));
    const copy = await textsOf(this.path(app));
    return [...new Set([...original.keys(), ...copy.keys()])].flatMap((name) =>
      differences(original.get(name) ?? '', copy.get(name) ?? '').map((line) => `${name}: ${line}`),
    );
  }

  /** What the compiler says against a copy. */
  async typeFaults(app: App): Promise<string> {
    const words = [join(ROOT, 'node_modules/.bin/tsc'), '-p', this.path(app)];
    const env = { PATH: process.env.PATH ?? '' };
    const { code, stdout, stderr } = await run(words, { env, timeoutMs: TYPECHECK_TIMEOUT_MS });
    return code === 0 ? '' : `${stdout}${stderr}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await symlink(join(from, name), join(to, name));
}

async function textsOf(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const top of COPIED) {
    const below = await readdir(join(folder, top), { recursive: true, withFileTypes: true }).catch(
      () => undefined,
    );
    const files = below?.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    for (const file of files ?? [join(folder, top)])
      texts.set(file.slice(folder.length), await readFile(file, 'utf8'));
  }
  return texts;
}

/** What is left of both texts without the lines they begin and end with in common. */
function differences(before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [before.split('\n'), after.split('\n')];
  const head = old.findIndex((line, at) => line !== now[at]);
  const tail = old.toReversed().findIndex((line, at) => line !== now.at(-1 - at));
  const middle = (lines: string[]) => lines.slice(head, lines.length - tail);
  return [...middle(old).map((line) => `-${line}`), ...middle(now).map((line) => `+${line}`)];
}
