import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunResult, run } from '../programs/run.ts';
import { environment } from './environment.ts';
import type { Example } from './examples.ts';
import { type PublishedPackage, ROOT } from './packages.ts';

/** A registry that is slow today, in ms. */
const INSTALL_MS = 120_000;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    module: 'NodeNext',
    // The lowest engine does not know `using`.
    target: 'ES2022',
    lib: ['ES2024', 'ESNext.Disposable', 'DOM', 'DOM.AsyncIterable'],
    types: ['node'],
    outDir: 'out',
    rootDir: '.',
  },
  include: ['*.ts'],
};

/** An empty project that has our packages as they are published. Gone on dispose. */
export class PackedProject implements AsyncDisposable {
  readonly path: string;
  /** Each package's tarball, by its name. */
  readonly tarballs: ReadonlyMap<string, string>;

  private constructor(path: string, tarballs: ReadonlyMap<string, string>) {
    this.path = path;
    this.tarballs = tarballs;
  }

  /** Packs and installs; what our packages depend on comes from where it was put when this checkout was installed. */
  static async create(packages: readonly PublishedPackage[]): Promise<PackedProject> {
    const path = await mkdtemp(join(tmpdir(), 'ouro-packed-'));
    const tarballs = new Map<string, string>();
    for (const { name, folder } of packages) tarballs.set(name, await pack(folder, join(path, 'tarballs')));
    const project = new PackedProject(path, tarballs);
    await project.#install();
    return project;
  }

  /** Checks the examples against the packages' types and makes programs of them. @returns what the compiler complains of */
  async compile(examples: readonly Example[]): Promise<string> {
    for (const { file, code } of examples) await writeFile(join(this.path, file), code);
    await writeFile(join(this.path, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = await run([tsc, '-p', this.path], { env: environment() });
    return stdout.toString();
  }

  async #install(): Promise<void> {
    const ours = Object.fromEntries([...this.tarballs].map(([name, tarball]) => [name, `file:${tarball}`]));
    // What the READMEs have the reader install beside our own.
    const names = ['@types/node', 'typebox'];
    const libraries = Object.fromEntries(
      names.map((name) => [name, `link:${join(ROOT, 'packages/e2e/node_modules', name)}`]),
    );
    const manifest = {
      name: 'empty',
      private: true,
      type: 'module',
      dependencies: { ...ours, ...libraries },
    };
    // JSON is YAML too.
    const settings = { overrides: ours, strictDepBuilds: false };
    await writeFile(join(this.path, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(this.path, 'pnpm-workspace.yaml'), JSON.stringify(settings));
    const words = ['pnpm', '--dir', this.path, 'install', '--prefer-offline', '--ignore-scripts'];
    succeeded(await run(words, { env: environment(), timeoutMs: INSTALL_MS }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** @returns the tarball */
async function pack(folder: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const words = ['pnpm', '--dir', folder, 'pack', '--json', '--pack-destination', into];
  const { stdout } = succeeded(await run(words, { env: environment() }));
  const packed: unknown = JSON.parse(stdout.toString());
  if (typeof packed === 'object' && packed !== null && 'filename' in packed) return String(packed.filename);
  throw new Error(`pnpm pack says ${stdout.toString()}`);
}

function succeeded(result: RunResult): RunResult {
  if (result.code !== 0)
    throw new Error(`It ended with ${result.code ?? result.signal}: ${result.stdout}${result.stderr}`);
  return result;
}
