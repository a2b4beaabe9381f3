import { Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { systemCode } from '@ouro/base/node';
import type { StunTaker } from '@ouro/ice/port';
import type { Logger } from '@ouro/session';
import { readTls, reloadTls, type TlsFiles, type TlsMaterial } from '@ouro/transport-whip/server';
import Fastify, { type FastifyInstance } from 'fastify';
import { AgentError, reasonOf } from '../base/errors.ts';
import { type Address, formatAddress } from '../config/address.ts';
import { createHttpServer } from './http-server.ts';

/** The agent's HTTP server, listening. */
export interface HttpListening extends AsyncDisposable {
  /** Where it really listens. */
  readonly url: string;
  readonly port: number;
  /** The IP addresses it is bound to; `::` takes IPv4 too. */
  readonly hosts: readonly string[];
  /** Sentences for the user about what is not as they may expect. */
  readonly warnings: readonly string[];
}

/** How to listen, and for whom. */
export interface HttpListenOptions {
  readonly address: Address;
  /** Whether the user chose the address: if not, and its port is taken, any other port does. */
  readonly addressIsSet: boolean;
  readonly tls: TlsFiles | undefined;
  /** Milliseconds between two looks at those files; default `TLS_POLL_MS`. */
  readonly tlsPollMs?: number;
  /** Adds what is served. */
  readonly routes: readonly ((fastify: FastifyInstance) => Promise<void>)[];
  /** Whose `X-Forwarded-…` is believed: addresses, ranges, and names as Fastify's trustProxy has them. */
  readonly trustedProxies?: readonly string[];
  /** Takes the connections that begin with STUN. */
  readonly icePort: StunTaker;
  readonly logger: Logger;
}

const cannotListen = (address: Address, cause: unknown): AgentError => {
  const where = formatAddress(address);
  if (systemCode(cause) === 'EADDRINUSE') {
    return new AgentError(
      'port-taken',
      `Another program listens on ${where}; stop it (an agent of another kind, perhaps), or set net.http_server in agent.toml to a free address`,
      { cause },
    );
  }
  return new AgentError(
    'config',
    `Cannot listen on ${where} (${reasonOf(cause)}); check net.http_server in agent.toml`,
    { cause },
  );
};

/** Listens for offers. @throws AgentError `port-taken`, `config` */
export async function listenHttp(options: HttpListenOptions): Promise<HttpListening> {
  const { address, addressIsSet } = options;
  try {
    return await listenAt(address, options);
  } catch (thrown) {
    if (addressIsSet || !(thrown instanceof AgentError && thrown.code === 'port-taken')) throw thrown;
    const listening = await listenAt({ ...address, port: 0 }, options);
    const warning = `Another program listens on ${formatAddress(address)} (an agent of another user, perhaps), so HTTP is at ${listening.url} until this agent ends; set net.http_server in agent.toml to an address that stays`;
    return { ...listening, warnings: [...listening.warnings, warning] };
  }
}

async function listenAt(address: Address, options: HttpListenOptions): Promise<HttpListening> {
  const { routes, icePort, trustedProxies = [] } = options;
  const tls = options.tls === undefined ? undefined : await readTlsFiles(options.tls);
  const servers: ReturnType<typeof createHttpServer>[] = [];
  const undecidedSockets = new Set<Socket>();
  const fastify = Fastify({
    logger: false,
    // A trusted proxy may say for whom it asks: rates are counted, and paths chosen, for that address.
    trustProxy: [...trustedProxies],
    forceCloseConnections: true,
    serverFactory: (handler) => {
      const server = createHttpServer(handler, { icePort, tls, undecidedSockets });
      servers.push(server);
      return server;
    },
  });
  for (const add of routes) await add(fastify);
  try {
    await fastify.listen({ host: address.host, port: address.port });
  } catch (cause) {
    await fastify.close();
    throw cannotListen(address, cause);
  }
  const bound = fastify.addresses().filter((each) => typeof each === 'object');
  const port = bound[0]?.port ?? address.port;
  const reloading = options.tls === undefined ? undefined : keepTls(servers, options.tls, options);
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${formatAddress({ host: address.host, port })}`,
    port,
    hosts: bound.map((each) => each.address),
    warnings: [],
    [Symbol.asyncDispose]: async () => {
      await reloading?.();
      for (const socket of undecidedSockets) socket.destroy();
      await fastify.close();
    },
  };
}

/** @throws AgentError `config` */
async function readTlsFiles(files: TlsFiles): ReturnType<typeof readTls> {
  try {
    return await readTls(files);
  } catch (cause) {
    throw new AgentError(
      'config',
      `The certificate ${files.cert} and the key ${files.key} cannot be used together; check net.tls_cert and net.tls_key in agent.toml`,
      { cause },
    );
  }
}

/** Takes over the files as they change. @returns what ends it */
function keepTls(
  servers: readonly Server[],
  files: TlsFiles,
  { logger, tlsPollMs }: HttpListenOptions,
): () => Promise<void> {
  const stop = new AbortController();
  const server = {
    setSecureContext: (material: TlsMaterial) => {
      for (const one of servers) if (one instanceof HttpsServer) one.setSecureContext(material);
    },
  };
  const reloading = reloadTls(server, files, {
    signal: stop.signal,
    ...(tlsPollMs === undefined ? {} : { pollMs: tlsPollMs }),
    onReload: () => logger.info({ cert: files.cert }, 'the TLS certificate is loaded'),
    onError: (err) => logger.error({ err }, 'the TLS certificate is not taken over; the old one stays'),
  });
  return async () => {
    stop.abort();
    await reloading;
  };
}
