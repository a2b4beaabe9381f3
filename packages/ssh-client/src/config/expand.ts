import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { SshConfig } from './ssh-config.ts';

/** What paths of a configuration are expanded with; passed in so that a test has its own. */
export interface ExpandContext {
  readonly home: string;
  readonly localUser: string;
  readonly localHost: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The context of this process. */
export const processContext = (): ExpandContext => ({
  home: process.env.HOME || homedir(),
  localUser: userInfo().username,
  localHost: hostname(),
  env: process.env,
});

const tokens = (config: SshConfig, context: ExpandContext): Record<string, string> => ({
  '%': '%',
  d: context.home,
  h: config.hostName,
  k: config.hostKeyAlias ?? config.host,
  L: context.localHost.split('.')[0] ?? '',
  l: context.localHost,
  n: config.host,
  p: String(config.port),
  r: config.user,
  u: context.localUser,
});

/** The tokens of ssh_config(5) (`%h`, `%p`, `%r` ...) in a text; unknown ones are left. */
export const expandTokens = (text: string, config: SshConfig, context: ExpandContext): string => {
  const values = tokens(config, context);
  return text.replace(/%([%a-zA-Z])/g, (whole, token: string) => values[token] ?? whole);
};

/** A path of ssh_config(5): `~/`, `${NAME}` and tokens resolved; a relative one is relative to the working directory. */
export const expandPath = (path: string, config: SshConfig, context: ExpandContext): string => {
  const named = path.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
    (_whole, name: string) => context.env[name] ?? '',
  );
  const plain = expandTokens(named, config, context);
  if (plain === '~') return context.home;
  if (plain.startsWith('~/')) return join(context.home, plain.slice(2));
  return isAbsolute(plain) ? plain : join(process.cwd(), plain);
};
