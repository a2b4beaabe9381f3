import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { systemCode } from '@ouro/base/node';
import type { Abortable } from '@ouro/signaling';
import type { SshConfig, SshConnection, SshPrompt, WaitingFor } from '@ouro/ssh-client';
import type { SshOptions } from '../invocation.ts';
import { printable } from '../target.ts';
import { loginName, type SshLogin } from './account.ts';

/** What a login needs. */
export interface LoginOptions extends Abortable {
  readonly target: SshLogin;
  readonly ssh: SshOptions;
  readonly prompt: SshPrompt | undefined;
  readonly onBanner: (text: string) => void;
  /** Tells the user what is no reason to stop. */
  readonly onNotice?: (text: string) => void;
  /** Tells who is waited for; anybody before the first call. */
  readonly onWaitingFor?: (who: WaitingFor) => void;
}

/** A connection the user is logged in on. */
export interface LoggedIn {
  readonly connection: SshConnection;
  /** Who was logged in, as far as known. */
  readonly user: string;
  /** The user's configuration, its RemoteCommand expanded; undefined when the system's ssh does not tell it. */
  readonly config: SshConfig | undefined;
}

/** `-F file` is named apart: jumps are looked up in it too. */
const configFileOf = (args: readonly string[]): { configFile?: string; rest: string[] } => {
  const at = args.indexOf('-F');
  const file = at < 0 ? undefined : args[at + 1];
  if (file === undefined) return { rest: [...args] };
  return { configFile: file, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
};

type Transport = typeof import('@ouro/ssh-client');

function withCommand({ expandTokens, processContext }: Transport, config: SshConfig): SshConfig {
  const { remoteCommand: text } = config;
  return text === undefined
    ? config
    : { ...config, remoteCommand: expandTokens(text, config, processContext()) };
}

/** As ssh has it: a key that is not there is named, and the others are tried. */
async function tellMissingKeys(args: readonly string[], tell: (text: string) => void): Promise<void> {
  const files = args.filter((_, at) => args[at - 1] === '-i');
  for (const file of files) {
    const path = file.replace(/^~(?=\/)/, homedir());
    const code = await stat(path).then(() => undefined, systemCode);
    if (code === 'ENOENT')
      tell(`Identity file ${printable(file)} not accessible: No such file or directory.`);
    else if (code !== undefined) tell(`Identity file ${printable(file)} not accessible: ${code}.`);
  }
}

/** Logs in as the user's own SSH set-up says. @throws SshError */
export async function login({
  target,
  ssh,
  prompt,
  signal,
  onNotice,
  ...told
}: LoginOptions): Promise<LoggedIn> {
  if (onNotice !== undefined) await tellMissingKeys(ssh.args, onNotice);
  const transport = await import('@ouro/ssh-client');
  if (ssh.program !== undefined) {
    const about = { program: ssh.program, target: loginName(target), args: ssh.args };
    const connection = new transport.SshProgramConnection(about);
    const asking = { signal, args: ssh.args, sshProgram: ssh.program };
    // It goes its own way whether or not it tells which.
    const config = await transport.resolveSshConfig(loginName(target), asking).catch(() => undefined);
    return { connection, user: connection.user, config: config && withCommand(transport, config) };
  }
  const { configFile, rest } = configFileOf(ssh.args);
  const file = configFile === undefined ? {} : { configFile };
  const config = await transport.resolveSshConfig(loginName(target), { signal, args: rest, ...file });
  const connection = await transport.connectSsh(config, {
    signal,
    ...told,
    ...file,
    ...(prompt === undefined ? {} : { prompt }),
  });
  return { connection, user: config.user, config: withCommand(transport, config) };
}
