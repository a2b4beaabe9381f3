import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AgentError } from '../src/base/errors.ts';
import { ensurePrivateDir, readTextFile, writePrivateFile } from '../src/base/files.ts';
import { resolvePaths } from '../src/base/paths.ts';
import { testHome } from './support/home.ts';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('paths', () => {
  test('are below the home directory without XDG variables', () => {
    const paths = resolvePaths({}, '/home/a');
    expect(paths.config).toBe('/home/a/.config/ouro/agent.toml');
    expect(paths.log).toBe('/home/a/.local/state/ouro/agent.log');
    expect(paths.socket).toBe('/home/a/.local/run/ouro/agent.sock');
  });

  test('follow XDG variables, but relative ones are ignored', () => {
    const env = { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: 'relative', XDG_RUNTIME_DIR: '/run/user/1' };
    const paths = resolvePaths(env, '/home/a');
    expect(paths.identity).toBe('/c/ouro/identity.pem');
    expect(paths.stateDir).toBe('/home/a/.local/state/ouro');
    expect(paths.pidFile).toBe('/run/user/1/ouro/agent.pid');
  });

  test('a socket path that no system takes is told', () => {
    expect(() => resolvePaths({ XDG_RUNTIME_DIR: `/${'x'.repeat(100)}` }, '/h')).toThrow('XDG_RUNTIME_DIR');
  });
});

describe('private files', () => {
  test('directories are 0700, also ones that were open', async () => {
    await using home = await testHome();
    const dir = join(home.home, 'a', 'b');
    await mkdir(dir, { recursive: true, mode: 0o755 });
    await chmod(dir, 0o755);
    await ensurePrivateDir(dir);
    expect(await modeOf(dir)).toBe(0o700);
  });

  test('a link in the place of a directory is refused', async () => {
    await using home = await testHome();
    const link = join(home.home, 'link');
    await symlink('/tmp', link);
    await expect(ensurePrivateDir(link)).rejects.toMatchObject({ code: 'permission' });
  });

  test('files are 0600, also over ones that were open', async () => {
    await using home = await testHome();
    const file = join(home.home, 'file');
    await writeFile(file, 'old', { mode: 0o644 });
    await writePrivateFile(file, 'new');
    expect(await modeOf(file)).toBe(0o600);
  });

  test('reading has a cap, and a missing file is no error', async () => {
    await using home = await testHome();
    const file = join(home.home, 'file');
    expect(await readTextFile(file, 10)).toBeUndefined();
    await writeFile(file, '12345678901');
    await expect(readTextFile(file, 10)).rejects.toBeInstanceOf(AgentError);
    expect(await readTextFile(file, 11)).toBe('12345678901');
  });
});
