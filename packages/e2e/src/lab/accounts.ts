import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIRST_UID } from './constants.ts';

/** A user of a host, who exists there only. */
export interface UserSpec {
  readonly password?: string;
  /** Lines for ~/.ssh/authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  readonly shell?: string;
}

/** A user that was made. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Inside of the host. */
  readonly home: string;
  readonly password: string | undefined;
}

/** Writes a file with its owner and mode. */
export const writeOwned = async (
  path: string,
  content: string | Uint8Array,
  { uid, mode }: { uid: number; mode: number },
): Promise<void> => {
  await writeFile(path, content, { mode });
  await chmod(path, mode);
  await chown(path, uid, uid);
};

/** Makes a directory with its owner and mode. */
export const makeOwned = async (
  path: string,
  { uid, mode }: { uid: number; mode: number },
): Promise<void> => {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
  await chown(path, uid, uid);
};

const makeHome = async (home: string, uid: number, keys: readonly string[]): Promise<void> => {
  await makeOwned(home, { uid, mode: 0o700 });
  await makeOwned(join(home, '.ssh'), { uid, mode: 0o700 });
  await writeOwned(join(home, '.ssh/authorized_keys'), keys.map((key) => `${key.trim()}\n`).join(''), {
    uid,
    mode: 0o600,
  });
};

/**
 * Makes users below the directories that become a host's /etc and /home. Their passwords are set later, inside.
 * `*` in shadow = no password works, but the account is not locked: keys do.
 */
export const makeAccounts = async (
  directories: { etc: string; home: string },
  users: Readonly<Record<string, UserSpec>>,
): Promise<Map<string, Account>> => {
  const accounts = new Map<string, Account>();
  const lines = { passwd: '', group: '', shadow: '' };
  for (const [name, spec] of Object.entries(users)) {
    const uid = FIRST_UID + accounts.size;
    const home = `/home/${name}`;
    lines.passwd += `${name}:x:${uid}:${uid}::${home}:${spec.shell ?? '/bin/bash'}\n`;
    lines.group += `${name}:x:${uid}:\n`;
    lines.shadow += `${name}:*:19000:0:99999:7:::\n`;
    accounts.set(name, { name, uid, home, password: spec.password });
    await makeHome(join(directories.home, name), uid, spec.authorizedKeys ?? []);
  }
  for (const [file, text] of Object.entries(lines)) {
    const mode = file === 'shadow' ? 0o640 : 0o644;
    await writeOwned(join(directories.etc, file), (await readFile(`/etc/${file}`, 'utf8')) + text, {
      uid: 0,
      mode,
    });
  }
  return accounts;
};
