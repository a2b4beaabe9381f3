import { askedForBeside } from './asked-for.ts';
import type { SshOptions } from './options.ts';

/** Whether a terminal is asked for (ssh_config(5) RequestTTY). */
export type RequestTty = 'auto' | 'no' | 'yes' | 'force';

/** How unknown host keys are met (ssh_config(5) StrictHostKeyChecking). Changed and revoked ones are always refused. */
export type StrictHostKeyChecking = 'ask' | 'accept-new' | 'yes' | 'no';

/** What ssh_config(5) says of one destination, after every Host and Match block; paths are not yet expanded. */
export interface SshConfig {
  /** The destination as the user wrote it, without user and port. */
  readonly host: string;
  /** The name or address to connect to. */
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
  /** In the order they are tried; the defaults of OpenSSH when none was named. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** A socket path, `SSH_AUTH_SOCK`, `$NAME`, or `none`; undefined = the environment's. */
  readonly identityAgent: string | undefined;
  /** Hops in order, each `[user@]host[:port]`; empty = none. */
  readonly proxyJump: readonly string[];
  readonly proxyCommand: string | undefined;
  /** Seconds; undefined = the system's. */
  readonly connectTimeout: number | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: StrictHostKeyChecking;
  readonly hostKeyAlias: string | undefined;
  readonly hashKnownHosts: boolean;
  readonly revokedHostKeys: string | undefined;
  /** In order of preference, certificates and FIDO types included; empty = no opinion. */
  readonly hostKeyAlgorithms: readonly string[];
  readonly batchMode: boolean;
  readonly pubkeyAuthentication: boolean;
  readonly passwordAuthentication: boolean;
  readonly kbdInteractiveAuthentication: boolean;
  readonly gssapiAuthentication: boolean;
  /** How often a password is asked. */
  readonly numberOfPasswordPrompts: number;
  /** Seconds between keep-alive messages; 0 = none. */
  readonly serverAliveInterval: number;
  readonly serverAliveCountMax: number;
  readonly addressFamily: 'any' | 'inet' | 'inet6';
  readonly compression: boolean;
  /** Patterns of environment variables sent to the host's shell. */
  readonly sendEnv: readonly string[];
  /** Variables set on the host, `NAME=value`. */
  readonly setEnv: readonly string[];
  /** What is run when the command line names nothing, for the user's shell there; tokens are not yet expanded. */
  readonly remoteCommand: string | undefined;
  readonly requestTty: RequestTty;
  /** Keywords that ask for what ssh does beside the session (forwardings and the like), which only ssh does. */
  readonly beside: readonly string[];
}

/** The identity files OpenSSH tries when the configuration names none. */
const DEFAULT_IDENTITY_FILES = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'].map(
  (name) => `~/.ssh/${name}`,
);

const yes = (value: string | undefined, fallback: boolean): boolean =>
  value === undefined ? fallback : /^(yes|true|on)$/i.test(value);

const integer = (value: string | undefined, fallback: number, max: number): number => {
  if (value === undefined || !/^\d{1,9}$/.test(value)) return fallback;
  return Math.min(Number(value), max);
};

/** `none` and the empty string mean that nothing is set. */
const set = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;

const strictness = (value: string | undefined): StrictHostKeyChecking => {
  const word = value?.toLowerCase();
  if (word === 'accept-new') return 'accept-new';
  if (word === 'yes' || word === 'true') return 'yes';
  return word === 'no' || word === 'off' || word === 'false' ? 'no' : 'ask';
};

const family = (value: string | undefined): SshConfig['addressFamily'] => {
  const word = value?.toLowerCase();
  return word === 'inet' || word === 'inet6' ? word : 'any';
};

// `ssh -G` prints lists of paths without quotes: only a new root or home starts a new path.
const paths = (values: readonly string[] = []): string[] =>
  values
    .flatMap((value) => value.split(/\s+(?=[/~%$])/))
    .map((path) => path.replace(/^"|"$/g, ''))
    .filter((path) => path !== '' && path !== 'none');

const list = (value: string | undefined, separator: RegExp): string[] =>
  (set(value) ?? '').split(separator).filter((item) => item !== '');

const requestTty = (value: string | undefined): RequestTty => {
  const word = value?.toLowerCase();
  if (word === 'force') return 'force';
  if (word === 'yes' || word === 'true') return 'yes';
  return word === 'no' || word === 'false' ? 'no' : 'auto';
};

/** The typed configuration of the keywords that Ouro honours; bad values fall back to ssh's defaults. */
export const sshConfigOf = (host: string, options: SshOptions, localUser: string): SshConfig => {
  const one = (keyword: string): string | undefined => options.get(keyword)?.[0];
  const timeout = integer(one('connecttimeout'), 0, 86_400);
  return {
    host,
    hostName: set(one('hostname')) ?? host,
    user: set(one('user')) ?? localUser,
    port: integer(one('port'), 22, 65_535),
    identityFiles: options.get('identityfile')?.filter((file) => set(file)) ?? DEFAULT_IDENTITY_FILES,
    identitiesOnly: yes(one('identitiesonly'), false),
    identityAgent: one('identityagent'),
    proxyJump: list(one('proxyjump'), /,/),
    proxyCommand: set(one('proxycommand')),
    connectTimeout: timeout > 0 ? timeout : undefined,
    userKnownHostsFiles: options.has('userknownhostsfile')
      ? paths(options.get('userknownhostsfile'))
      : ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'],
    globalKnownHostsFiles: options.has('globalknownhostsfile')
      ? paths(options.get('globalknownhostsfile'))
      : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    hostKeyAlias: set(one('hostkeyalias')),
    hashKnownHosts: yes(one('hashknownhosts'), false),
    revokedHostKeys: set(one('revokedhostkeys')),
    // A list with a sign changes ssh's own default, which only ssh knows.
    hostKeyAlgorithms: /^[+^-]/.test(one('hostkeyalgorithms') ?? '')
      ? []
      : list(one('hostkeyalgorithms'), /,/),
    batchMode: yes(one('batchmode'), false),
    pubkeyAuthentication: !/^(no|false)$/i.test(one('pubkeyauthentication') ?? ''),
    passwordAuthentication: yes(one('passwordauthentication'), true),
    kbdInteractiveAuthentication: yes(one('kbdinteractiveauthentication'), true),
    gssapiAuthentication: yes(one('gssapiauthentication'), false),
    numberOfPasswordPrompts: integer(one('numberofpasswordprompts'), 3, 10),
    serverAliveInterval: integer(one('serveraliveinterval'), 0, 86_400),
    serverAliveCountMax: integer(one('serveralivecountmax'), 3, 1_000),
    addressFamily: family(one('addressfamily')),
    compression: yes(one('compression'), false),
    sendEnv: (options.get('sendenv') ?? []).flatMap((value) => list(value, /\s+/)),
    setEnv: options.get('setenv') ?? [],
    remoteCommand: set(one('remotecommand')),
    requestTty: requestTty(one('requesttty')),
    beside: askedForBeside(options),
  };
};
