import { open, stat, unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '@ouro/base/node';
import { LOCK_POLL_MS, LOCK_STALE_MS, LOCK_WAIT_MS, SECRET_FILE_MODE } from './constants.ts';
import { FingerprintError } from './errors.ts';
import { ioError } from './private-file.ts';

/**
 * Holds the file `<path>.lock` so that programs which read, change and write `path` do so one after the other. A lock
 * that a dead process left behind is removed after five seconds. @throws FingerprintError `io`
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.lock`;
  const deadline = performance.now() + LOCK_WAIT_MS;
  while (!(await tryLock(lock))) {
    if (performance.now() > deadline) {
      throw new FingerprintError('io', `Another program keeps ${path} locked; if none runs, remove ${lock}`);
    }
    await removeIfStale(lock);
    await delay(LOCK_POLL_MS);
  }
  return { [Symbol.asyncDispose]: () => unlink(lock).catch(() => undefined) };
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await using _file = await open(lock, 'wx', SECRET_FILE_MODE);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw ioError('lock', lock, error);
  }
}

async function removeIfStale(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) await unlink(lock);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioError('unlock', lock, error);
  }
}
