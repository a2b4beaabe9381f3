import { userInfo } from 'node:os';
import { basename } from 'node:path';

/** Who the panes belong to. */
export interface Account {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** What belongs to the terminal, login or program the agent was started from, and would be false in a pane. */
const STALE = new Set([
  ...['TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'WINDOWID', 'TERMCAP', 'COLUMNS', 'LINES', 'TERM_PROGRAM'],
  ...['COLORTERM', 'TERM_PROGRAM_VERSION', 'SSH_CLIENT', 'SSH_CONNECTION', 'SSH_TTY', 'SSH_ORIGINAL_COMMAND'],
  ...['PWD', 'OLDPWD', 'SHLVL', '_', 'INIT_CWD', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'],
  ...['NODE_UNIQUE_ID', 'NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID', 'JOURNAL_STREAM', 'INVOCATION_ID'],
]);

/** What belongs to the SSH login that the agent was started from, and is gone with it. */
const OF_SSH_LOGIN = new Set([
  'SSH_AUTH_SOCK',
  'DISPLAY',
  'XAUTHORITY',
  'XDG_SESSION_ID',
  'XDG_SESSION_TYPE',
]);

/** The account of this process: from the user database, else from the environment. */
export function ownAccount(env: Variables): Account {
  const fallback = {
    name: env.USER ?? env.LOGNAME ?? '',
    home: env.HOME ?? '/',
    shell: env.SHELL ?? '/bin/sh',
  };
  try {
    const { username, homedir, shell } = userInfo();
    return {
      name: username || fallback.name,
      home: env.HOME ?? homedir,
      shell: shell === null || shell === '' ? fallback.shell : shell,
    };
  } catch {
    return fallback;
  }
}

/** What the environment of a pane is made of, later ones win. */
export interface EnvironmentParts {
  /** The agent's own. */
  readonly inherited: Variables;
  readonly account: Account;
  /** The agent's unix socket, for WEBEXEC. */
  readonly socket: string;
  /** `[env]` of the config. */
  readonly config: Readonly<Record<string, string>>;
  /** Names that a client may set, as `[env] accept` has them. */
  readonly accept: readonly string[];
  /** What the client asked for; undefined = it knows only the older commands. */
  readonly request: Readonly<Record<string, string>> | undefined;
}

/** Whether the name is one of the patterns: letters, digits, `_`, and `*` for any text, as sshd's AcceptEnv has them. */
const isAccepted = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's').test(name));

/** What the client asked for, as far as it may. */
const fromClient = ({ request, accept }: EnvironmentParts): Readonly<Record<string, string>> =>
  request === undefined
    ? {}
    : Object.fromEntries(Object.entries(request).filter(([name]) => isAccepted(name, accept)));

const isUsable = ([name, value]: [string, string]): boolean =>
  name !== '' && !name.includes('=') && !name.includes('\0') && !value.includes('\0');

/** The environment of a new pane. Names and values that no environment can hold are left out. */
export function paneEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { inherited, account, socket, config, request } = parts;
  // An older client cannot say what its terminal shows; all that there are show every colour.
  const colours = request === undefined ? { COLORTERM: 'truecolor' } : {};
  const fromSsh = inherited.SSH_CONNECTION !== undefined;
  const isStale = (name: string): boolean =>
    STALE.has(name) || name.startsWith('npm_') || (fromSsh && OF_SSH_LOGIN.has(name));
  const kept = Object.entries(inherited).flatMap(([name, value]): [string, string][] =>
    value === undefined || isStale(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(
    [
      ['PATH', DEFAULT_PATH] satisfies [string, string],
      ...kept,
      ...Object.entries({
        HOME: account.home,
        USER: account.name,
        LOGNAME: account.name,
        SHELL: account.shell,
      }),
      ...Object.entries({ TERM: 'xterm-256color', ...colours, WEBEXEC: socket }),
      ...Object.entries(config),
      ...Object.entries(fromClient(parts)),
    ].filter((entry): entry is [string, string] => isUsable([entry[0] ?? '', entry[1] ?? ''])),
  );
}

const TAKES_L = new Set([
  'sh',
  'bash',
  'zsh',
  'fish',
  'ksh',
  'mksh',
  'dash',
  'ash',
  'csh',
  'tcsh',
  'nu',
  'xonsh',
]);

/** The command line of a login shell: with `-l` for every shell that is known to take it. */
export const loginShell = (shell: string): string[] =>
  TAKES_L.has(basename(shell)) ? [shell, '-l'] : [shell];
