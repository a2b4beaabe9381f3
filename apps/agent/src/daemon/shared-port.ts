import { networkInterfaces } from 'node:os';
import { IcePort, IcePortError, type IcePortOptions } from '@ouro/ice/port';
import type { Logger } from '@ouro/session';
import { AgentError } from '../base/errors.ts';
import type { IcePortConfig } from '../config/config.ts';
import type { HttpListening } from './http.ts';

/** What the port is opened with. */
export interface SharedPortOptions {
  readonly ice: IcePortConfig;
  readonly publicAddresses: readonly string[];
  /** Where HTTP listens: there it hands over what is not HTTP. */
  readonly http: Pick<HttpListening, 'port' | 'hosts'>;
  readonly logger: Logger;
}

/** An open port. */
export interface SharedPort {
  readonly port: IcePort;
  /** Sentences for the user about what is not as they may expect. */
  readonly warnings: readonly string[];
}

/**
 * Opens the port of all peers on every address of this machine, whatever HTTP listens on: a client that came by SSH
 * connects from outside. A number that the user set must be had; else any other does.
 * @throws AgentError `port-taken`, `config`
 */
export async function openSharedPort(options: SharedPortOptions): Promise<SharedPort> {
  const { ice, http } = options;
  const number = ice.port ?? http.port;
  try {
    return { port: await openAt(number, options), warnings: [] };
  } catch (thrown) {
    if (ice.port !== undefined || !isRefusal(thrown)) throw cannotOpen(number, thrown);
    const port = await openAt(0, options);
    const where = options.publicAddresses.length > 0 ? ', which the NAT of net.public_address must map' : '';
    return {
      port,
      warnings: [
        `${thrown.message}: connections use port ${port.port} until this agent ends${where}. Set net.ice_port in agent.toml to a number that stays`,
      ],
    };
  }
}

function openAt(port: number, { http, publicAddresses, logger }: SharedPortOptions): Promise<IcePort> {
  const options: IcePortOptions = { port, hosts: hosts(), publicAddresses, logger };
  return IcePort.open({ ...options, handedOver: port === http.port ? handedOver(http.hosts) : [] });
}

/** Reachable addresses first: a public one stands for the first of its family. */
function hosts(): string[] {
  const infos = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return ['0.0.0.0', '::', ...infos.filter(({ internal }) => internal).map(({ address }) => address)];
}

function handedOver(bound: readonly string[]): string[] {
  return bound.includes('::') ? ['::', '0.0.0.0'] : [...bound];
}

function isRefusal(thrown: unknown): thrown is IcePortError {
  return thrown instanceof IcePortError && (thrown.code === 'address-in-use' || thrown.code === 'permission');
}

function cannotOpen(port: number, cause: unknown): unknown {
  if (!(cause instanceof IcePortError)) return cause;
  const code = cause.code === 'address-in-use' ? 'port-taken' : 'config';
  return new AgentError(
    code,
    `The port of all connections cannot be had: ${cause.message}. It is net.ice_port = ${port} in agent.toml; 0 takes any free one`,
    { cause },
  );
}
