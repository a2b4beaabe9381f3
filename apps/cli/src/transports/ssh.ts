import { loginName, parseLogin, type SshLogin } from '../ssh/account.ts';
import type { Target } from '../target.ts';
import type { ClientTransport } from '../transport.ts';

/** Hosts reached by the user's own SSH: whatever is no URL. */
export const ssh: ClientTransport = {
  parse(text) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined;
    return targetOf(parseLogin(text));
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
    vouches: true,
  };
}
