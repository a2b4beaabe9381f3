import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '@ouro/base/node';
import { BREAK_LOCK_STALE_MS, MAX_LOCK_ATTEMPTS } from '../base/constants.ts';
import { AgentError, reasonOf } from '../base/errors.ts';
import { isZombie, startTime } from '../base/processes.ts';

/** A process as a pid file names it. */
export interface LockHolder {
  readonly pid: number;
  /** Ticks since boot, where the system tells: a pid alone may be another process's by now. */
  readonly started: string | undefined;
}

const MAX_PID_FILE_BYTES = 64;

const parse = (text: string): LockHolder | undefined => {
  const [first = '', second = ''] = text.slice(0, MAX_PID_FILE_BYTES).split('\n');
  if (!/^\d{1,10}$/.test(first)) return undefined;
  return { pid: Number(first), started: /^\d{1,20}$/.test(second) ? second : undefined };
};

/** Whether that very process still runs. */
export function isAlive({ pid, started }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return systemCode(thrown) === 'EPERM';
  }
  if (isZombie(pid)) return false;
  const now = startTime(pid);
  return started === undefined || now === undefined || now === started;
}

const ignoreMissing = (thrown: unknown): undefined => {
  if (systemCode(thrown) === 'ENOENT') return undefined;
  throw thrown;
};

/** Who holds the pid file, dead or alive; undefined when there is none or it says nothing. */
export async function readLock(path: string): Promise<LockHolder | undefined> {
  const text = await readFile(path, 'latin1').catch(ignoreMissing);
  return text === undefined ? undefined : parse(text);
}

/** The pid file of this process, while it runs. */
export interface Lock extends AsyncDisposable {
  /** Whether the file was left by an agent that died. */
  readonly wasStale: boolean;
}

/**
 * Takes the pid file for this process: of any number of starts at the same moment exactly one gets it. A file of a
 * process that is gone counts as free.
 *
 * @throws AgentError `already-running`, `timeout` when others kept coming in between, `cannot-create`
 */
export async function acquireLock(path: string, pid: number = process.pid): Promise<Lock> {
  const mine = `${path}.${pid}.${randomBytes(6).toString('hex')}`;
  let wasStale = false;
  try {
    await writeNew(mine, `${pid}\n${startTime(pid) ?? ''}\n`);
    for (let attempt = 0; attempt < MAX_LOCK_ATTEMPTS; attempt += 1) {
      if (await tryLink(mine, path)) {
        return { wasStale, [Symbol.asyncDispose]: () => release(path, pid) };
      }
      const holder = await readLock(path);
      if (holder !== undefined && isAlive(holder)) throw alreadyRunning(holder);
      wasStale = true;
      if (!(await removeStale(path))) await sleep(10);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new AgentError('timeout', `Other starts of the agent hold ${path}; try again`);
}

const alreadyRunning = ({ pid }: LockHolder): AgentError =>
  new AgentError(
    'already-running',
    `An agent runs already, with pid ${pid}; see how it does with: ouro-agent status`,
  );

const writeNew = async (path: string, text: string): Promise<void> => {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
  } catch (cause) {
    throw new AgentError('cannot-create', `Cannot write ${path} (${reasonOf(cause)})`, { cause });
  }
};

/** A hard link appears whole or not at all, and only where there is nothing; write-file-atomic would take another's place. */
const tryLink = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return false;
    throw new AgentError('cannot-create', `Cannot make ${to} (${reasonOf(thrown)})`, { cause: thrown });
  }
};

/**
 * Removes the pid file if it still is a dead process's. A second lock, held for this moment alone, keeps two starts
 * from it: the slower one would remove the file that the faster one has made since.
 */
const removeStale = async (path: string): Promise<boolean> => {
  const guard = `${path}.break`;
  try {
    await (await open(guard, 'wx', 0o600)).close();
  } catch {
    const status = await stat(guard).catch(ignoreMissing);
    if (status !== undefined && Date.now() - status.mtimeMs > BREAK_LOCK_STALE_MS)
      await rm(guard, { force: true });
    return false;
  }
  try {
    const holder = await readLock(path);
    if (holder !== undefined && isAlive(holder)) return false;
    await unlink(path).catch(ignoreMissing);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
};

/** Gives the pid file back, unless it is another's by now. */
const release = async (path: string, pid: number): Promise<void> => {
  const holder = await readLock(path);
  if (holder?.pid === pid) await rm(path, { force: true });
};
