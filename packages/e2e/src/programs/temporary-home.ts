import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A home that no other program uses, gone on dispose. Its name is short, for the sockets in it. */
export class TemporaryHome implements AsyncDisposable {
  readonly path: string;
  /** The environment of a program that lives in it. */
  readonly env: Record<string, string>;

  private constructor(path: string) {
    this.path = path;
    this.env = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      HOME: path,
      XDG_CONFIG_HOME: join(path, 'config'),
      XDG_STATE_HOME: join(path, 'state'),
      XDG_RUNTIME_DIR: join(path, 'run'),
      // The same for all homes: compiled code says nothing of its user.
      XDG_CACHE_HOME: join(tmpdir(), `ouro-e2e-cache-${process.getuid?.() ?? 0}`),
    };
  }

  static async create(): Promise<TemporaryHome> {
    const home = new TemporaryHome(await mkdtemp(join(tmpdir(), 'ouro-')));
    for (const name of ['config', 'state', 'run']) await mkdir(join(home.path, name), { mode: 0o700 });
    return home;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}
