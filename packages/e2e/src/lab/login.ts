import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './host.ts';
import type { HostSpec, Lab } from './lab.ts';
import { must } from './run.ts';

/** A key pair made before the hosts are, so that it can be authorized on one and carried to another. */
export interface LoginKey {
  /** For authorized_keys. */
  readonly publicLine: string;
  readonly privateText: string;
}

/** Makes an ed25519 key. */
export const makeLoginKey = async (passphrase = ''): Promise<LoginKey> => {
  const directory = await mkdtemp(join(tmpdir(), 'ouro-key-'));
  try {
    const path = join(directory, 'id');
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', passphrase, '-C', 'lab', '-f', path]);
    return { publicLine: await readFile(`${path}.pub`, 'utf8'), privateText: await readFile(path, 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** A host whose user `ada` takes this key. */
export const hostTaking = (key: LoginKey, more: HostSpec = {}): HostSpec => ({
  users: { ada: { authorizedKeys: [key.publicLine] } },
  sshd: {},
  ...more,
});

/** Gives a user of one host the key to another, and files that one's host key. */
export const giveKey = async (
  lab: Lab,
  from: Host,
  user: string,
  key: LoginKey,
  to: string,
): Promise<void> => {
  await from.writeHome(user, '.ssh/id_ed25519', key.privateText);
  await from.writeHome(user, '.ssh/id_ed25519.pub', key.publicLine);
  await from.writeHome(user, '.ssh/known_hosts', `${to} ${await lab.sshd(to).hostKey()}\n`);
};
