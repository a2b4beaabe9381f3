import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type RunResult, run } from '../programs/run.ts';
import { environment } from './environment.ts';
import { ROOT } from './packages.ts';

/** Each command takes a second or two, in ms. */
const COMMAND_MS = 30_000;

/** What a fresh clone does not have; builds are brought along. */
const LEFT_OUT = new Set(['node_modules', '.tools', '.git', '.turbo']);

/** A copy of the checkout in a repository of its own, in which a release can be made that nobody sees. Gone on dispose. */
export class ReleaseCopy implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<ReleaseCopy> {
    const copy = new ReleaseCopy(await mkdtemp(join(tmpdir(), 'ouro-release-')));
    await cp(ROOT, copy.path, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    await copy.run('git', 'init', '--quiet');
    await copy.commit();
    await copy.run('pnpm', 'install', '--offline', '--frozen-lockfile', '--ignore-scripts');
    return copy;
  }

  /** @returns what it said on its standard output @throws Error when it fails */
  async run(...words: string[]): Promise<string> {
    const shell = 'cd "$1" && shift && exec "$@"';
    const command = ['sh', '-c', shell, 'sh', this.path, ...words];
    const { code, signal, stdout, stderr }: RunResult = await run(command, {
      env: { ...environment(), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      timeoutMs: COMMAND_MS,
    });
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code ?? signal}: ${stdout}${stderr}`);
    return stdout.toString();
  }

  /** Everything that is there now. */
  async commit(): Promise<void> {
    await this.run('git', 'add', '--all');
    const who = ['-c', 'user.name=Release', '-c', 'user.email=release@example.org'];
    await this.run('git', ...who, 'commit', '--quiet', '--message', 'chore: as it is');
  }

  read(path: string): Promise<string> {
    return readFile(join(this.path, path), 'utf8');
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(join(this.path, path), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
