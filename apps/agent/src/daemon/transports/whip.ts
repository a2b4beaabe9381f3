import type { TransportListener } from '@ouro/signaling';
import { WhipListener, whipServer } from '@ouro/transport-whip/server';
import type { TransportHost } from '../transport-host.ts';

/** WHIP on the agent's HTTP server, and the oldest form of it at `/connect`. Strangers are refused before they cost anything. */
export function listenWhip({ authorizer, iceServers, route }: TransportHost): TransportListener {
  const listener = new WhipListener();
  const { onSession } = listener;
  route(async (fastify) => {
    await fastify.register(whipServer, { authorizer, onSession, iceServers, connectPaths: ['/connect'] });
  });
  return listener;
}
