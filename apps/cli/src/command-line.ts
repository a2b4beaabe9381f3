import { Fingerprint, FingerprintError } from '@ouro/fingerprint/fingerprint';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { DEFAULT_CONNECT_TIMEOUT_MS, DEFAULT_ICE_TIMEOUT_MS, MAX_CONNECT_TIMEOUT_S } from './constants.ts';
import { CliError } from './errors.ts';
import { LEAST_NODE } from './install/constants.ts';
import { parseRegistry } from './install/registry-url.ts';
import type { ConnectInvocation, Invocation, SshOptions, TerminalChoice } from './invocation.ts';
import { parseLogin } from './ssh/account.ts';
import { DEFAULT_ESCAPE, parseEscape } from './terminal/escape.ts';
import { parseTarget, TARGET_FORMS } from './transports.ts';

/** The flags of `connect` as commander gives them. */
interface ConnectFlags {
  verbose?: boolean;
  json?: boolean;
  quiet?: boolean;
  tty?: boolean;
  input?: boolean;
  attach?: number;
  tokenFile?: string;
  tlsPin?: Fingerprint;
  iceServer?: string[];
  escape?: { byte: number | undefined };
  timeout?: number;
  ssh?: boolean;
  fallback?: boolean;
  authorize?: boolean;
  sshProgram?: string;
  iceTimeout?: number;
  port?: string;
  login?: string;
  identityFile?: string[];
  sshOption?: string[];
  sshConfig?: string;
  jump?: string;
}

type Done = (invocation: Invocation) => void;

function milliseconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= MAX_CONNECT_TIMEOUT_S)) {
    throw new InvalidArgumentError(`It must be seconds, more than 0 and at most ${MAX_CONNECT_TIMEOUT_S}.`);
  }
  return Math.ceil(value * 1000);
}

function paneId(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be the number of a pane.');
  }
  return value;
}

function escapeCharacter(text: string): { byte: number | undefined } {
  const parsed = parseEscape(text);
  if (parsed === undefined)
    throw new InvalidArgumentError('It must be one character, ^ and a letter, or "none".');
  return parsed;
}

function fingerprint(text: string): Fingerprint {
  try {
    return Fingerprint.parse(text);
  } catch (error) {
    if (!(error instanceof FingerprintError)) throw error;
    throw new InvalidArgumentError('It must be the SHA-256 fingerprint of a certificate, 64 hex digits.');
  }
}

function registryUrl(text: string): URL {
  const url = parseRegistry(text);
  if (url === undefined) throw new InvalidArgumentError('It must be an http:// or https:// URL.');
  return url;
}

function terminalChoice(tty: boolean | undefined): TerminalChoice {
  if (tty === undefined) return 'auto';
  return tty ? 'force' : 'never';
}

/** Options that ssh itself knows, in its own words. */
function sshArgs(flags: ConnectFlags): string[] {
  const one = (letter: string, value: string | undefined) => (value === undefined ? [] : [letter, value]);
  return [
    ...one('-F', flags.sshConfig),
    ...one('-p', flags.port),
    ...one('-l', flags.login),
    ...one('-J', flags.jump),
    ...(flags.identityFile ?? []).flatMap((file) => ['-i', file]),
    ...(flags.sshOption ?? []).flatMap((option) => ['-o', option]),
  ];
}

function sshOptions(flags: ConnectFlags): SshOptions {
  if (flags.ssh === true && flags.fallback === false) {
    throw new CliError('usage', '--ssh and --no-fallback exclude each other.');
  }
  return {
    args: sshArgs(flags),
    plain: flags.ssh === true,
    fallback: flags.fallback !== false,
    authorize: flags.authorize === true,
    iceTimeoutMs: flags.iceTimeout ?? DEFAULT_ICE_TIMEOUT_MS,
    ...(flags.sshProgram === undefined ? {} : { program: flags.sshProgram }),
  };
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function toConnect(target: string, command: string[], flags: ConnectFlags): ConnectInvocation {
  if (flags.attach !== undefined && command.length > 0) {
    throw new CliError('usage', '--attach shows a pane that runs already; it takes no command.');
  }
  const parsed = parseTarget(target);
  if (flags.tlsPin !== undefined && parsed.tls !== true) {
    throw new CliError('usage', '--tls-pin is for targets that begin with https://.');
  }
  return {
    action: 'connect',
    target: parsed,
    command,
    terminal: terminalChoice(flags.tty),
    noInput: flags.input === false,
    iceServers: flags.iceServer ?? [],
    escape: flags.escape === undefined ? DEFAULT_ESCAPE : flags.escape.byte,
    timeoutMs: flags.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS,
    ssh: sshOptions(flags),
    report: { verbose: flags.verbose === true, json: flags.json === true, quiet: flags.quiet === true },
    ...(flags.attach === undefined ? {} : { attach: flags.attach }),
    ...(flags.tlsPin === undefined ? {} : { tlsPin: flags.tlsPin }),
    ...(flags.tokenFile === undefined ? {} : { tokenFile: flags.tokenFile }),
  };
}

const CONNECT_HELP =
  'Opens a shell on the host, or runs a command there. The command is executed as it stands, word for word; ' +
  "no shell reads it unless it is one, as in: ouro <target> -- sh -c 'cd /tmp && ls'";

/** What ssh itself is told, in its own letters. */
function withSshOptions(command: Command): Command {
  return command
    .option(
      '--ssh-program <program>',
      "use your system's ssh for the login: FIDO keys, Kerberos, certificates",
    )
    .option('-p, --port <port>', "the SSH server's port")
    .option('--login <user>', 'the user to log in as')
    .option('-i, --identity-file <path>', 'a key to log in with; may be repeated', collect)
    .option('-J, --jump <hosts>', 'hosts to jump over')
    .option('-F, --ssh-config <path>', 'instead of ~/.ssh/config')
    .option(
      '-o, --ssh-option <option>',
      'an option of ssh_config(5), as in ssh -o; may be repeated',
      collect,
    );
}

function addConnect(program: Command, done: Done): void {
  const command = program
    .command('connect', { isDefault: true })
    .summary('a shell or a command on a host; the word "connect" may be left out')
    .description(CONNECT_HELP)
    .argument('<target>', TARGET_FORMS)
    .argument('[command...]', 'the command and its arguments, after --')
    .option('-v, --verbose', 'say how the connection is made, and how long each phase takes')
    .option('--json', 'the same as JSON lines on the standard error output')
    .option('-q, --quiet', 'no notices')
    .option('-t, --tty', 'give the command a terminal in any case')
    .option('-T, --no-tty', 'give the command no terminal')
    .option('-n, --no-input', 'read nothing from the standard input')
    .option('--attach <pane>', 'attach to a pane that runs already', paneId)
    .option('--token-file <path>', 'file with a bearer token for the HTTP endpoint')
    .option(
      '--tls-pin <sha256>',
      'the one TLS certificate that an https:// host may show; remembered for it',
      fingerprint,
    )
    .option(
      '--ice-server <url>',
      'a STUN server, as stun:host:port; may be repeated; TURN servers go into client.toml',
      collect,
    )
    .option('-e, --escape <character>', 'escape character: one character, ^X or "none"', escapeCharacter)
    .option(
      '--timeout <seconds>',
      `time to connect in (default: ${DEFAULT_CONNECT_TIMEOUT_MS / 1000})`,
      milliseconds,
    )
    .option('--ssh', 'plain SSH, whatever the host has')
    .option('--no-fallback', 'fail where WebRTC cannot be had, instead of going on as plain SSH')
    .option('--authorize', 'have the agent of the host let this client in by http(s) too from now on')
    .option(
      '--ice-timeout <seconds>',
      `time for WebRTC to find a path (default: ${DEFAULT_ICE_TIMEOUT_MS / 1000})`,
      milliseconds,
    )
    .addHelpText(
      'after',
      '\nOn a terminal, ~. at the start of a line disconnects and ~? lists the other escapes.',
    )
    .action((target: string, words: string[], flags: ConnectFlags) => done(toConnect(target, words, flags)));
  withSshOptions(command);
}

const STATUS_HELP =
  'Connects, measures for a second, and prints the path in use, its round trip, and what was sent over it.';

function addStatus(program: Command, done: Done): void {
  const command = program
    .command('status')
    .summary('the path to a host, and how it is')
    .description(STATUS_HELP)
    .argument('<target>', TARGET_FORMS)
    .option('--json', 'as one JSON object; times are in milliseconds')
    .option('--token-file <path>', 'file with a bearer token for the HTTP endpoint')
    .option('--ice-server <url>', 'a STUN server; may be repeated', collect)
    .option('--timeout <seconds>', 'time to connect in', milliseconds)
    .action((target: string, flags: ConnectFlags) => {
      const invocation = toConnect(target, [], { ...flags, json: false, fallback: false });
      done({ ...invocation, status: flags.json === true ? 'json' : 'text' });
    });
  withSshOptions(command);
}

const INSTALL_HELP =
  'Puts the agent on a host over SSH, without root: below ~/.local/share/ouro, linked as ~/.local/bin/ouro-agent. ' +
  'Running it again upgrades; an agent that runs keeps its panes. ' +
  `A host without Node.js ${LEAST_NODE} or newer gets one there too: the official build, compared with its known hash. The host ` +
  'fetches it from the package registry where it can; else this machine does, and sends it.';

function addInstall(program: Command, done: Done): void {
  const command = program
    .command('install')
    .summary('put the agent on a host over SSH')
    .description(INSTALL_HELP)
    .argument('<target>', '[user@]host')
    .option('--dry-run', 'only say what would be done')
    .option('--registry <url>', "where packages come from (default: your npm's registry)", registryUrl)
    .action((text: string, flags: ConnectFlags & { dryRun?: boolean; registry?: URL }) => {
      if (text.includes('://'))
        throw new CliError('usage', 'The agent is installed over SSH: ouro install [user@]host.');
      const target = parseLogin(text);
      const { dryRun = false, registry } = flags;
      done({ action: 'install', target, ssh: sshOptions(flags), dryRun, registry });
    });
  withSshOptions(command);
}

function addOthers(program: Command, done: Done): void {
  program
    .command('fingerprint')
    .description(
      "print this client's own fingerprint; a host lets it in by: ouro-agent client add <fingerprint>",
    )
    .action(() => done({ action: 'fingerprint' }));
  program
    .command('forget')
    .description('forget the fingerprint of a host, after its identity was changed on purpose')
    .argument('<target>', 'as it is given to connect')
    .action((target: string) => done({ action: 'forget', target: parseTarget(target) }));
}

function buildProgram(version: string, print: (text: string) => void, done: Done): Command {
  const program = new Command('ouro')
    .description('A terminal on a far machine over a direct, encrypted WebRTC connection')
    .version(version, '-V, --version', 'print the version')
    .configureOutput({ writeOut: print, writeErr: () => undefined, outputError: () => undefined })
    .exitOverride()
    .helpCommand(true);
  addConnect(program, done);
  addStatus(program, done);
  addInstall(program, done);
  addOthers(program, done);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

/**
 * What the arguments (those after the program's name) ask for.
 * @throws CliError `usage`; SignalingError `unknown-host` for a target that is none
 */
export function parseCommandLine(args: readonly string[], version: string): Invocation {
  let printed = '';
  const found: Invocation[] = [];
  const program = buildProgram(
    version,
    (text) => {
      printed += text;
    },
    (invocation) => found.push(invocation),
  );
  try {
    program.parse(args.length === 0 ? ['help'] : args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error);
  }
  return found[0] ?? { action: 'print', text: printed };
}

function usageError(error: CommanderError): CliError {
  const why = error.message.replace(/^error: /, '').replace(/[^.]$/, '$&.');
  const hint = error.code === 'commander.unknownOption' ? ' An option of the far command goes after --.' : '';
  return new CliError('usage', `${why}${hint} See ouro help connect.`, { cause: error });
}
