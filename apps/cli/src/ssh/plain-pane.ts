import type { Pane } from '@ouro/session/client';
import type { SshChannel, SshConnection } from '@ouro/ssh-client';
import { CliError } from '../errors.ts';
import type { PaneSource } from '../session/run-session.ts';
import { commandLine } from '../shell-words.ts';

/** One channel of a plain SSH connection, in the shape of a pane. */
function paneOf(channel: SshChannel): Pane {
  return {
    id: 0,
    stdout: channel.readable,
    stderr: channel.stderr,
    exited: channel.exited,
    write: (bytes) => channel.write(bytes),
    end: () => channel.eof(),
    resize: async (size) => channel.resize(size),
    kill: async (name) => channel.kill(name),
    detach: () => channel.end(),
  };
}

/** A plain SSH connection as a source of panes. */
export function plainPanes(connection: SshConnection): PaneSource {
  return {
    addPane: async ({ command, size, env = {} }, { signal }) => {
      const options = {
        signal,
        env,
        ...(size === undefined ? {} : { pty: { ...size, term: process.env.TERM || 'xterm-256color' } }),
      };
      const isShell = command.length === 1 && command[0] === '*';
      const opening = isShell ? connection.shell(options) : connection.exec(commandLine(command), options);
      return paneOf(await opening);
    },
    reconnectPane: () =>
      Promise.reject(new CliError('usage', '--attach needs an agent on the host; plain SSH keeps no panes.')),
  };
}

/** The variables that ssh_config(5) has ssh send: SendEnv by pattern, then SetEnv. */
export function sentEnvironment(
  { sendEnv, setEnv }: { sendEnv: readonly string[]; setEnv: readonly string[] },
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const patterns = sendEnv.map((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  });
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && patterns.some((pattern) => pattern.test(name))) sent[name] = value;
  }
  for (const item of setEnv) {
    const at = item.indexOf('=');
    if (at > 0) sent[item.slice(0, at)] = item.slice(at + 1);
  }
  return sent;
}
