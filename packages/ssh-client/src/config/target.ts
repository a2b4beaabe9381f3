import { SshError } from '../errors.ts';

/** Where the user wants to go, as it was written. */
export interface SshTarget {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

const bad = (text: string, why: string): SshError =>
  new SshError('bad-target', `"${text.slice(0, 80)}" ${why}; write [user@]host or ssh://[user@]host[:port]`);

const portOf = (text: string, port: string | undefined): number | undefined => {
  if (port === undefined || port === '') return undefined;
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) throw bad(text, 'has a port that is no number from 1 to 65535');
  return number;
};

/**
 * `[user@]host`, `[user@]host:port` (as ProxyJump takes it) or `ssh://[user@]host[:port]`; IPv6 in brackets with a port.
 * A host that starts with `-` or holds control characters or spaces is refused: it would become an option or a second word.
 *
 * @throws SshError `bad-target`
 */
export const parseSshTarget = (text: string): SshTarget => {
  const plain = text.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const at = plain.lastIndexOf('@');
  const user = at >= 0 ? plain.slice(0, at) : undefined;
  const rest = plain.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(.*))?$/.exec(rest);
  // More than one colon without brackets is a bare IPv6 address.
  const host = match ? (match[1] ?? match[2] ?? '') : rest;
  if (!/^[^\s\p{Cc}\-;'"`$\\|&<>()@/][^\s\p{Cc};'"`$\\|&<>()@/]*$/u.test(host))
    throw bad(text, 'is no host name');
  if (user !== undefined && !/^[^\s\p{Cc}\-;'"`$\\|&<>()][^\s\p{Cc};'"`$\\|&<>()]*$/u.test(user)) {
    throw bad(text, 'has a user name that SSH does not take');
  }
  return { host, user, port: portOf(text, match?.[3]) };
};
