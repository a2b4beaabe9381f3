import type { Authorizer } from '@ouro/fingerprint';
import { type OnSession, whipServer } from '@ouro/transport-whip/server';
import Fastify from 'fastify';
import { HTTP_REQUEST_TIMEOUT_MS } from '../base/constants.ts';
import { AgentError, systemCode } from '../base/errors.ts';
import { type Address, formatAddress } from '../config/address.ts';

/** The HTTP road, listening. */
export interface HttpRoad extends AsyncDisposable {
  /** Where it really listens. */
  readonly url: string;
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
    `Cannot listen on ${where} (${systemCode(cause)}); check net.http_server in agent.toml`,
    {
      cause,
    },
  );
};

/** Listens for offers. @throws AgentError `port-taken`, `config` */
export async function listenHttp(
  address: Address,
  authorizer: Authorizer,
  onSession: OnSession,
): Promise<HttpRoad> {
  const fastify = Fastify({
    logger: false,
    // A proxy on this machine may say for whom it asks: rates are counted, and paths chosen, for that address.
    trustProxy: 'loopback',
    forceCloseConnections: true,
    requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
  });
  await fastify.register(whipServer, { authorizer, onSession, connectPaths: ['/connect'] });
  try {
    await fastify.listen({ host: address.host, port: address.port });
  } catch (cause) {
    await fastify.close();
    throw cannotListen(address, cause);
  }
  const bound = fastify.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    url: `http://${formatAddress({ host: address.host, port })}`,
    [Symbol.asyncDispose]: () => fastify.close(),
  };
}
