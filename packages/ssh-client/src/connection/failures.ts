import type { SshConfig } from '../config/ssh-config.ts';
import { SshError } from '../errors.ts';
import { socketError } from './socket.ts';

const WAY_OUT = 'use the SSH of your system, which knows them: --ssh-program ssh';

/** Why no method was left, and what would help. */
export const authFailed = (
  config: SshConfig,
  offered: readonly string[],
  skipped: readonly string[],
  hasPrompt: boolean,
  cause?: unknown,
): SshError => {
  const methods = offered.length > 0 ? offered.join(', ') : 'no method';
  const parts = [`${config.user}@${config.host} did not let us in; it takes ${methods}.`];
  const fido = skipped.some((reason) => reason.includes('FIDO'));
  const gssapi = config.gssapiAuthentication && offered.some((method) => method.startsWith('gssapi'));
  if (skipped.length > 0) parts.push(`Left out: ${skipped.join('; ')}.`);
  if (gssapi) parts.push('GSSAPI (Kerberos) is not among what this client can do.');
  if (fido || gssapi) parts.push(`For these ${WAY_OUT}`);
  else if (!hasPrompt)
    parts.push(
      'Nothing could be asked for (batch mode, or no terminal): add a key to your ssh-agent with ssh-add.',
    );
  else parts.push('Check the user name, and that your key is in ~/.ssh/authorized_keys there.');
  // What cannot be done here but elsewhere is not the same as a wrong key.
  return new SshError(fido || gssapi ? 'unsupported' : 'auth-failed', parts.join(' '), { cause });
};

const levelOf = (error: Error): string =>
  'level' in error && typeof error.level === 'string' ? error.level : '';

/** What ssh2 reports before a connection is ready, in the words of this package. */
export const connectFailure = (error: Error, config: SshConfig): SshError => {
  if (error instanceof SshError) return error;
  const level = levelOf(error);
  if (level === 'client-socket') return socketError(error, config);
  if (level === 'client-timeout') {
    return new SshError(
      'timeout',
      `${config.hostName} took the connection but did not finish the SSH handshake; try again`,
      { cause: error },
    );
  }
  if (/no matching|Handshake failed/i.test(error.message)) {
    return new SshError(
      'unsupported',
      `${config.hostName} and this SSH client have no algorithm in common (${error.message}); ${WAY_OUT}`,
      { cause: error },
    );
  }
  return new SshError(
    'lost',
    `${config.hostName} ended the SSH connection before it was ready: ${error.message}`,
    { cause: error },
  );
};
