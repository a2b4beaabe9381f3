import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyTypeOf } from './line.ts';

/** `|1|salt|hash` of a name, as HashKnownHosts writes it. */
const hashed = (name: string): string => {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
};

const endsInNewline = async (file: Awaited<ReturnType<typeof open>>): Promise<boolean> => {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
};

/**
 * Adds a host's key to a known_hosts file with one write, so that two clients at once do not mix their lines.
 * The directory is made 0700 and the file 0600 when they are not there.
 */
export const appendKnownHost = async (
  file: string,
  name: string,
  key: Uint8Array,
  options: { hash: boolean },
): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await using handle = await open(file, 'a+', 0o600);
  const host = options.hash ? hashed(name) : name;
  const line = `${host} ${keyTypeOf(key)} ${Buffer.from(key).toString('base64')}\n`;
  await handle.appendFile((await endsInNewline(handle)) ? line : `\n${line}`);
};
