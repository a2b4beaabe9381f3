import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrivateDir } from '../../src/base/files.ts';
import { type Paths, resolvePaths } from '../../src/base/paths.ts';

/** A home of its own for one test, gone with it. */
export interface TestHome extends AsyncDisposable {
  readonly home: string;
  readonly paths: Paths;
}

/** Makes one, with the agent's three directories. */
export async function testHome(): Promise<TestHome> {
  const home = await mkdtemp(join(tmpdir(), 'ouro-'));
  const paths = resolvePaths({}, home);
  for (const dir of [paths.configDir, paths.stateDir, paths.runtimeDir]) await ensurePrivateDir(dir);
  return { home, paths, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}
