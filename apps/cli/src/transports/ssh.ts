import { loginName, readLogin, type SshLogin } from '../ssh/account.ts';
import type { Target } from '../target.ts';
import type { ClientTransport } from '../transport.ts';

/** Hosts reached by the user's own SSH: whatever is no other transport's and could be a login. */
export const ssh: ClientTransport = {
  form: '[user@]host by your own SSH',
  isDefault: true,
  parse(text) {
    const login = readLogin(text);
    return login === undefined ? undefined : targetOf(login);
  },
  dial: async (target, options) => (await import('../ssh/dial.ts')).dialSsh(target, options),
  asksUser: true,
  ownWords: new Set(['not-found', 'timeout', 'refused', 'unauthorized']),
};

function targetOf(login: SshLogin): Target {
  const name = loginName(login);
  const host = login.host.toLowerCase();
  return {
    transport: 'ssh',
    typed: name,
    name,
    address: name,
    host,
    key: `ssh://${loginName({ ...login, host })}`,
  };
}
