import type { SshConfig } from '@ouro/ssh-client';
import type { ConnectInvocation, TerminalChoice } from '../invocation.ts';

const TERMINALS: Readonly<Record<SshConfig['requestTty'], TerminalChoice>> = {
  auto: 'auto',
  yes: 'auto',
  no: 'never',
  force: 'force',
};

/** What the user's ssh_config(5) says of a session, where the command line leaves it open. */
export type SessionConfig = Pick<SshConfig, 'requestTty' | 'remoteCommand'>;

/** The connection that was asked for, with RemoteCommand and RequestTTY of the configuration filled in. */
export function asConfigured(invocation: ConnectInvocation, config: SessionConfig): ConnectInvocation {
  const { remoteCommand } = config;
  const isOpen = invocation.command.length === 0 && invocation.attach === undefined;
  return {
    ...invocation,
    terminal: invocation.terminal === 'auto' ? TERMINALS[config.requestTty] : invocation.terminal,
    // It is a line for a shell, as with ssh.
    ...(isOpen && remoteCommand !== undefined ? { command: ['sh', '-c', remoteCommand] } : {}),
  };
}

/** One line about what the configuration asks for and this program does not do; undefined when there is none. */
export function describeBeside({ beside, host }: Pick<SshConfig, 'beside' | 'host'>): string | undefined {
  const last = beside.at(-1);
  if (last === undefined) return undefined;
  const names = beside.length > 1 ? `${beside.slice(0, -1).join(', ')} and ${last}` : last;
  return `your SSH configuration asks for ${names}, which ouro does not do; where you need it: ssh ${host}`;
}
