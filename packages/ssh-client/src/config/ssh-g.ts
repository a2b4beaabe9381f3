import { SshError } from '../errors.ts';
import type { SshOptions } from './options.ts';

/** Largest output of `ssh -G` read, in bytes. It is under 8 KiB; a configuration with a thousand SetEnv lines is not. */
const MAX_SSH_G_BYTES = 1024 * 1024;

/**
 * The output of `ssh -G`: one `keyword value` a line, keywords that may repeat on a line each.
 * @throws SshError `bad-config` when it is larger than MAX_SSH_G_BYTES or names no host
 */
export const parseSshG = (output: string): SshOptions => {
  if (output.length > MAX_SSH_G_BYTES) {
    throw new SshError(
      'bad-config',
      'ssh -G printed more than 1 MiB; look for a runaway include in ~/.ssh/config',
    );
  }
  const options = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    const values = options.get(keyword);
    if (values) values.push(line.slice(space + 1));
    else options.set(keyword, [line.slice(space + 1)]);
  }
  if (!options.has('hostname')) {
    throw new SshError(
      'bad-config',
      'ssh -G named no host name; run it by hand to see what it says of ~/.ssh/config',
    );
  }
  return options;
};
