import { connect, type Socket } from 'node:net';
import type { Abortable } from '@ouro/signaling';
import type { SshConfig } from '../config/ssh-config.ts';
import { CONNECT_TIMEOUT_MS } from '../constants.ts';
import { abortReason, SshError } from '../errors.ts';

const UNKNOWN = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA']);

const codeOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
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
export const openTcp = (config: SshConfig, { signal }: Abortable): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const family = FAMILIES[config.addressFamily];
    const socket = connect({
      host: config.hostName,
      port: config.port,
      family,
      noDelay: true,
      autoSelectFamily: family === 0,
    });
    const timer = setTimeout(
      () => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      connectTimeoutMs(config),
    );
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    const fail = (thrown: unknown) => {
      done();
      socket.on('error', () => {});
      socket.destroy();
      reject(signal.aborted ? abortReason(signal.reason) : socketError(thrown, config));
    };
    const onAbort = () => fail(signal.reason);
    socket.once('error', fail);
    socket.once('connect', () => {
      done();
      resolve(socket);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
