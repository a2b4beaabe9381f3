import { spawn } from 'node:child_process';
import { CliError } from '../errors.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { ConnectInvocation } from '../invocation.ts';
import { wantsTerminal } from '../session/run-session.ts';
import { commandLine } from '../shell-words.ts';
import { loginName, type SshLogin } from './account.ts';

/** A plain session by the system's ssh, which gets this program's own terminal and does everything itself. */
export function runSshProgram(
  invocation: ConnectInvocation,
  login: SshLogin,
  ending: AbortSignal,
): Promise<ExitStatus> {
  const { program = 'ssh', args } = invocation.ssh;
  const { command } = invocation;
  const terminal =
    command.length === 0 && invocation.terminal === 'auto' ? [] : [wantsTerminal(invocation) ? '-t' : '-T'];
  const input = invocation.noInput ? ['-n'] : [];
  const words = command.length === 0 ? [] : [commandLine(command)];
  const child = spawn(program, [...args, ...terminal, ...input, '--', loginName(login), ...words], {
    stdio: 'inherit',
  });
  const onEnd = () => child.kill('SIGTERM');
  ending.addEventListener('abort', onEnd, { once: true });
  return new Promise<ExitStatus>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new CliError('usage', `${program} cannot be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => ending.removeEventListener('abort', onEnd));
}
