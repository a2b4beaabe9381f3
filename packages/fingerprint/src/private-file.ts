import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chown,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '@ouro/base/node';
import { SECRET_DIRECTORY_MODE, SECRET_FILE_MODE } from './constants.ts';
import { FingerprintError } from './errors.ts';

/** A file system's refusal in our own words. */
export function ioError(action: string, path: string, cause: unknown): FingerprintError {
  const code = systemCode(cause) ?? 'unknown error';
  return new FingerprintError('io', `Could not ${action} ${path} (${code}); check its directory and disk`, {
    cause,
  });
}

/**
 * Writes text to `path` so that a reader sees the old bytes or the new, never a part, also after a power cut:
 * a private temporary file beside it, fsync, then rename (`replace`, through a symbolic link to the file that it means) or link (`create`, which leaves an existing
 * file alone and is what makes two processes that create at once agree on one).
 * @returns false when `create` found a file there
 * @throws FingerprintError `io`
 */
export async function writePrivate(path: string, text: string, mode: 'replace' | 'create'): Promise<boolean> {
  const target = mode === 'replace' ? await realpath(path).catch(() => path) : path;
  const directory = dirname(target);
  const temporary = join(directory, `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true, mode: SECRET_DIRECTORY_MODE });
    await writeSynced(temporary, text);
    if (mode === 'create') return await linkOnce(temporary, target);
    await keepOwner(temporary, target);
    await rename(temporary, target);
    return true;
  } catch (error) {
    throw ioError('write', path, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
    await syncDirectory(directory);
  }
}

/** Root edits the files of others (sudo); they must still be able to read them. */
async function keepOwner(temporary: string, target: string): Promise<void> {
  const owner = await stat(target).catch(() => undefined);
  if (owner === undefined || owner.uid === process.getuid?.()) return;
  await chown(temporary, owner.uid, owner.gid).catch(() => undefined);
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', SECRET_FILE_MODE);
  await file.writeFile(text);
  await file.sync();
}

/** Gives the file its name unless the name is taken. */
async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!NO_HARD_LINKS.has(systemCode(error) ?? '')) throw error;
  }
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** FAT, some network file systems and Android have no hard links. */
const NO_HARD_LINKS = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/** Makes the new name itself survive a power cut, where the system can sync a directory. */
async function syncDirectory(directory: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(directory, 'r');
    await handle.sync();
  } catch {
    // Windows cannot open a directory; the file itself is synced.
  } finally {
    await handle?.close();
  }
}
