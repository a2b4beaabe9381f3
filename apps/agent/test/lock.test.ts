import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startTime } from '../src/base/processes.ts';
import { acquireLock, isAlive, readLock } from '../src/daemon/lock.ts';
import { testHome } from './support/home.ts';

/** The pid of a process that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
};

describe('the pid file', () => {
  test('names this process, and is gone with the lock', async () => {
    await using home = await testHome();
    const { pidFile } = home.paths;
    const lock = await acquireLock(pidFile);
    expect((await readFile(pidFile, 'utf8')).split('\n')[0]).toBe(`${process.pid}`);
    expect(await readLock(pidFile)).toEqual({ pid: process.pid, started: startTime(process.pid) });
    await lock[Symbol.asyncDispose]();
    expect(await readdir(home.paths.runtimeDir)).toEqual([]);
  });

  test('of many at the same moment one gets it', async () => {
    await using home = await testHome();
    const attempts = await Promise.allSettled(
      Array.from({ length: 30 }, () => acquireLock(home.paths.pidFile)),
    );
    const won = attempts.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'already-running' });
    }
    expect(await readdir(home.paths.runtimeDir)).toEqual(['agent.pid']);
  });

  test('of many that find a dead one exactly one gets it', async () => {
    await using home = await testHome();
    const dead = await deadPid();
    for (let round = 0; round < 20; round += 1) {
      await writeFile(home.paths.pidFile, `${dead}\n1\n`);
      const attempts = await Promise.allSettled(
        Array.from({ length: 10 }, () => acquireLock(home.paths.pidFile)),
      );
      const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.[Symbol.asyncDispose]();
    }
  });

  test.each(['', 'rubbish', '999999999999\n', '-1\n', '\0\0\0'])(
    'one that says %j is a dead one',
    async (text) => {
      await using home = await testHome();
      await writeFile(home.paths.pidFile, text);
      await using lock = await acquireLock(home.paths.pidFile);
      expect(lock.wasStale).toBe(true);
    },
  );

  test('a pid that is another process by now is a dead one', async () => {
    await using home = await testHome();
    expect(isAlive({ pid: process.pid, started: startTime(process.pid) })).toBe(true);
    expect(isAlive({ pid: process.pid, started: '1' })).toBe(false);
    await writeFile(home.paths.pidFile, `${process.pid}\n1\n`);
    await using lock = await acquireLock(home.paths.pidFile);
    expect(lock.wasStale).toBe(true);
  });

  test('a living one is never taken', async () => {
    await using home = await testHome();
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    await writeFile(home.paths.pidFile, `${pid}\n${startTime(pid)}\n`);
    await expect(acquireLock(home.paths.pidFile)).rejects.toMatchObject({ code: 'already-running' });
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
