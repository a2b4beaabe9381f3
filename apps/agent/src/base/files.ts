import { chmod, lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { systemCode } from '@ouro/base/node';
import writeFileAtomic from 'write-file-atomic';
import { AgentError, reasonOf } from './errors.ts';

const GROUP_AND_OTHERS = 0o077;

const cannotCreate = (path: string, cause: unknown): AgentError =>
  new AgentError(
    'cannot-create',
    `Cannot make ${path} (${reasonOf(cause)}); check who owns its parent directory`,
    {
      cause,
    },
  );

/**
 * Makes a directory (and its parents) that only the user can enter, 0700; tightens one that is there.
 *
 * @throws AgentError `cannot-create`, or `permission` when it is no directory of this user's
 */
export async function ensurePrivateDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw cannotCreate(path, cause);
  });
  const status = await lstat(path);
  if (!status.isDirectory() || status.uid !== process.getuid?.()) {
    throw new AgentError(
      'permission',
      `${path} is not a directory of yours, so secrets cannot be kept in it; move it out of the way and try again`,
    );
  }
  if ((status.mode & GROUP_AND_OTHERS) !== 0) await chmod(path, 0o700);
}

/** Writes a file that only the user can read, 0600, whole or not at all. @throws AgentError `cannot-create` */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await writeFileAtomic(path, content, { mode: 0o600 }).catch((cause: unknown) => {
    throw cannotCreate(path, cause);
  });
}

/**
 * A text file up to a size, or undefined when there is none.
 *
 * @throws AgentError `permission` when it cannot be read, `oversize` when it is larger than `maxBytes`
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new AgentError('oversize', `${path} is larger than ${maxBytes} bytes`);
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof AgentError) throw thrown;
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw new AgentError('permission', `Cannot read ${path} (${reasonOf(thrown)})`, { cause: thrown });
  }
}
