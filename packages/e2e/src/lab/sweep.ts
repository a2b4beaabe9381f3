import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PREFIX } from './constants.ts';
import { must, run } from './run.ts';

/** Pid of the owner and number of the lab in a name of ours; undefined when it is not ours. */
const ownerOf = (name: string): number | undefined => {
  const match = new RegExp(`^${PREFIX}-(\\d+)-\\d+`).exec(name);
  return match ? Number(match[1]) : undefined;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
};

const isLeft = (name: string): boolean => {
  const owner = ownerOf(name);
  return owner !== undefined && !isAlive(owner);
};

/** Removes a namespace, and kills what still lives in it. Its links go with it. */
export const removeNamespace = async (name: string): Promise<void> => {
  const pids = await run(['ip', 'netns', 'pids', name]);
  for (const pid of pids.stdout.split('\n').filter((line) => /^\d+$/.test(line))) {
    await killIfAlive(Number(pid));
  }
  await run(['ip', 'netns', 'delete', name]);
};

const killIfAlive = async (pid: number): Promise<void> => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself between the listing and now.
  }
};

/** Processes outside of namespaces (switches, wire filters) whose command line names this directory. */
const helpersOf = async (directory: string): Promise<number[]> => {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.includes(`${directory}/`) ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid): pid is number => pid !== undefined && pid !== process.pid);
};

/** Removes what labs of processes that are dead have left: namespaces, helpers, directories. */
export const sweep = async (): Promise<void> => {
  const spaces = (await must(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of spaces.filter(isLeft)) await removeNamespace(name);
  for (const name of (await readdir(tmpdir())).filter(isLeft)) {
    const directory = join(tmpdir(), name);
    for (const pid of await helpersOf(directory)) await killIfAlive(pid);
    await rm(directory, { recursive: true, force: true });
  }
};
