import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Example } from './examples.ts';
import { publishedPackages, ROOT } from './packages.ts';

/** What examples may use beside our own packages. */
const LIBRARIES = ['@types/node', 'fastify', 'typebox', 'vitest'];

const TSCONFIG = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    types: ['node'],
    lib: ['ES2024', 'ESNext.Disposable', 'ESNext.Array', 'ES2025.Collection', 'DOM', 'DOM.AsyncIterable'],
    // An example may leave a result or an argument unused.
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['*.ts'],
};

/** A folder in which examples see the sources of our packages. Gone on dispose. */
export class SourceProject implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(examples: readonly Example[]): Promise<SourceProject> {
    const project = new SourceProject(await mkdtemp(join(tmpdir(), 'ouro-readme-')));
    for (const { name, folder } of publishedPackages()) await project.#link(name, folder);
    for (const name of LIBRARIES) await project.#link(name, join(ROOT, 'packages/e2e/node_modules', name));
    await project.#write('package.json', JSON.stringify({ type: 'module' }));
    await project.#write('tsconfig.json', JSON.stringify(TSCONFIG));
    for (const { file, code } of examples) await project.#write(file, code);
    return project;
  }

  async #link(name: string, target: string): Promise<void> {
    const path = join(this.path, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(target, path);
  }

  #write(name: string, text: string): Promise<void> {
    return writeFile(join(this.path, name), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
