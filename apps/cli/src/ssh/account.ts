import { SignalingError } from '@ouro/signaling';
import { isPrintable, printable } from '../target.ts';

/** A login as the user's own SSH has it. */
export interface SshLogin {
  readonly user?: string;
  readonly host: string;
}

/** A host name of ssh's configuration may be an alias of any form; these would be an option or break a command line. */
function isHostName(host: string): boolean {
  return host.length > 0 && !host.startsWith('-') && !/[\s/@'"`$\\;&|<>()]/.test(host) && isPrintable(host);
}

/** `[user@]host`; undefined for what is none. */
export function readLogin(text: string): SshLogin | undefined {
  const at = text.lastIndexOf('@');
  const user = at < 0 ? undefined : text.slice(0, at);
  const host = text.slice(at + 1);
  const goodUser = user === undefined || (user.length > 0 && !user.startsWith('-') && isPrintable(user));
  if (!isHostName(host) || !goodUser) return undefined;
  return user === undefined ? { host } : { user, host };
}

/** `[user@]host`. @throws SignalingError `unknown-host` */
export function parseLogin(text: string): SshLogin {
  const login = readLogin(text);
  if (login === undefined)
    throw new SignalingError('unknown-host', `"${printable(text)}" is not [user@]host`);
  return login;
}

/** A login as ssh takes it. */
export const loginName = ({ user, host }: SshLogin): string =>
  user === undefined ? host : `${user}@${host}`;
