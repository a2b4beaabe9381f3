import type { Abortable } from '@ouro/signaling';
import type { SshConfig, SshConnection, SshPrompt, WaitingFor } from '@ouro/transport-ssh/client';
import type { SshOptions } from '../invocation.ts';
import type { SshTarget } from '../target.ts';

/** What a login needs. */
export interface LoginOptions extends Abortable {
  readonly target: SshTarget;
  readonly ssh: SshOptions;
  readonly prompt: SshPrompt | undefined;
  readonly onBanner: (text: string) => void;
  /** Tells who is waited for; anybody before the first call. */
  readonly onWaitingFor?: (who: WaitingFor) => void;
}

/** A connection the user is logged in on. */
export interface LoggedIn {
  readonly connection: SshConnection;
  /** Who was logged in, as far as known. */
  readonly user: string;
  /** The user's configuration; undefined when the system's ssh does not tell it. */
  readonly config: SshConfig | undefined;
}

const destination = ({ user, host }: SshTarget): string => (user === undefined ? host : `${user}@${host}`);

/** `-F file` is named apart: jumps are looked up in it too. */
const configFileOf = (args: readonly string[]): { configFile?: string; rest: string[] } => {
  const at = args.indexOf('-F');
  const file = at < 0 ? undefined : args[at + 1];
  if (file === undefined) return { rest: [...args] };
  return { configFile: file, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
};

/** Logs in as the user's own SSH set-up says. @throws SshError */
export async function login({ target, ssh, prompt, signal, ...told }: LoginOptions): Promise<LoggedIn> {
  const road = await import('@ouro/transport-ssh/client');
  if (ssh.program !== undefined) {
    const about = { program: ssh.program, target: destination(target), args: ssh.args };
    const connection = new road.SshProgramConnection(about);
    const asking = { signal, args: ssh.args, sshProgram: ssh.program };
    // It goes its own way whether or not it tells which.
    const config = await road.resolveSshConfig(destination(target), asking).catch(() => undefined);
    return { connection, user: connection.user, config };
  }
  const { configFile, rest } = configFileOf(ssh.args);
  const file = configFile === undefined ? {} : { configFile };
  const config = await road.resolveSshConfig(destination(target), { signal, args: rest, ...file });
  const connection = await road.connectSsh(config, {
    signal,
    ...told,
    ...file,
    ...(prompt === undefined ? {} : { prompt }),
  });
  return { connection, user: config.user, config };
}
