import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceptCommand } from '../src/index.ts';

describe('the accept command', () => {
  const shells = ['sh', 'dash', 'bash', 'zsh', 'fish', 'csh', 'tcsh', 'ksh'].filter(
    (shell) => spawnSync(shell, ['-c', 'true']).error === undefined,
  );

  it.each(shells)('finds the best program in any place, or ends with 127: %s', (shell) => {
    const own = mkdtempSync(join(tmpdir(), 'ouro-accept-'));
    const env = { HOME: own, PATH: '/usr/bin:/bin' };
    const runs = () => spawnSync(shell, ['-c', acceptCommand()], { env, encoding: 'utf8' });
    const install = (path: string) => {
      mkdirSync(join(own, path, '..'), { recursive: true });
      writeFileSync(join(own, path), '#!/bin/sh\necho "$(basename "$0") $* in $PATH"\n', { mode: 0o755 });
    };
    expect(runs()).toMatchObject({ status: 127, stdout: '' });
    install('go/bin/webexec');
    expect(runs()).toMatchObject({ status: 0, stdout: 'webexec accept in /usr/bin:/bin\n' });
    install('.local/bin/ouro-agent');
    expect(runs()).toMatchObject({ status: 0, stdout: 'ouro-agent accept in /usr/bin:/bin\n' });
    rmSync(own, { recursive: true });
  });

  it('is one word for every shell', () => {
    expect(acceptCommand()).toMatch(/^sh -c '[^'\\!\n]*'$/);
    expect(execFileSync('sh', ['-n', '-c', acceptCommand()], { encoding: 'utf8' })).toBe('');
  });
});
