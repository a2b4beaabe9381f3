import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, realpath, unlink } from 'node:fs/promises';
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
 * Writes text to `path`, 0600, so that a reader sees the old bytes or the new, never a part, also after a power cut.
 * Through a symbolic link to the file that it means; a file of another owner, which root may write, stays that owner's.
 * @throws FingerprintError `io`
 */
export async function replacePrivate(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: SECRET_DIRECTORY_MODE });
    // Most programs that have an identity never write a file, and should not load what writes one.
    const { default: writeFileAtomic } = await import('write-file-atomic');
    await writeFileAtomic(path, text, { mode: SECRET_FILE_MODE });
  } catch (error) {
    throw ioError('write', path, error);
  }
  await syncDirectory(dirname(await realpath(path).catch(() => path)));
}

/**
 * The same for a file that is not there yet; one that is there stays as it is. write-file-atomic renames over what
 * another process has made meanwhile, and two that create an identity at once must agree on one: a link does not.
 * @returns false when there is a file
 * @throws FingerprintError `io`
 */
export async function createPrivate(path: string, text: string): Promise<boolean> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true, mode: SECRET_DIRECTORY_MODE });
    await writeSynced(temporary, text);
    return await linkOnce(temporary, path);
  } catch (error) {
    throw ioError('write', path, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
    await syncDirectory(directory);
  }
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
