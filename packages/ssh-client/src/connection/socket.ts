import { connect, type Socket } from 'node:net';
import { Deadline, unlessAborted } from '@ouro/base';
import { systemCode } from '@ouro/base/node';
import type { Abortable } from '@ouro/signaling';
import type { SshConfig } from '../config/ssh-config.ts';
import { CONNECT_TIMEOUT_MS } from '../constants.ts';
import { abortReason, SshError } from '../errors.ts';

const UNKNOWN = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA']);

const codeOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  return systemCode(thrown) ?? '';
};

/** A failed TCP connection in the words of this package. */
export const socketError = (
  thrown: unknown,
  { hostName, port }: Pick<SshConfig, 'hostName' | 'port'>,
): SshError => {
  const code = codeOf(thrown);
  const cause = { cause: thrown };
  if (UNKNOWN.has(code)) {
    return new SshError(
      'unknown-host',
      `No address is known for ${hostName}; check the name, or HostName in ~/.ssh/config`,
      cause,
    );
  }
  if (code === 'ECONNREFUSED') {
    return new SshError(
      'refused',
      `${hostName} has no SSH server on port ${port}; check the port, and that sshd runs there`,
      cause,
    );
  }
  if (code === 'ETIMEDOUT') {
    return new SshError(
      'timeout',
      `${hostName} port ${port} does not answer; check the network and the host's firewall`,
      cause,
    );
  }
  return new SshError(
    'refused',
    `${hostName} port ${port} cannot be reached (${code || 'unknown failure'}); check the network`,
    cause,
  );
};

/** How long a connection may take by the configuration, in ms. */
export const connectTimeoutMs = (config: SshConfig): number =>
  config.connectTimeout === undefined ? CONNECT_TIMEOUT_MS : config.connectTimeout * 1000;

const FAMILIES = { any: 0, inet: 4, inet6: 6 } as const;

/** A TCP connection without Nagle's delay, IPv6 and IPv4 tried together (RFC 8305). @throws SshError */
export async function openTcp(config: SshConfig, { signal }: Abortable): Promise<Socket> {
  const { hostName: host, port } = config;
  const family = FAMILIES[config.addressFamily];
  using deadline = new Deadline(signal, connectTimeoutMs(config), { reason: timedOut });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, family, noDelay: true, autoSelectFamily: family === 0 });
  socket.once('error', reject).once('connect', () => resolve());
  try {
    await unlessAborted(promise, deadline.signal);
    socket.off('error', reject);
    return socket;
  } catch (thrown) {
    socket.on('error', () => {});
    socket.destroy();
    throw signal.aborted ? abortReason(signal.reason) : socketError(thrown, config);
  }
}

/** In the system's own form, which `socketError` reads. */
const timedOut = (): Error => Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' });
