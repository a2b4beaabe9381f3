import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

/**
 * The program that execvp(3) would run, found beforehand so that the client hears of a missing one in words.
 *
 * @param path the PATH of the new process
 * @throws Error when there is none
 */
export async function findExecutable(name: string, path: string, cwd: string): Promise<string> {
  const candidates = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(':').map((directory) => resolve(cwd, directory, name));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new Error(
    name.includes('/') ? `${name}: no such program on the host` : `${name}: command not found on the host`,
  );
}

/** The first of these that is a directory; `/` when none is. */
export async function firstDirectory(...paths: readonly (string | undefined)[]): Promise<string> {
  for (const path of paths) {
    if (path === undefined) continue;
    const status = await stat(path).catch(() => undefined);
    if (status?.isDirectory()) return path;
  }
  return '/';
}
