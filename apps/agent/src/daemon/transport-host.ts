import type { Authorizer } from '@ouro/fingerprint';
import type { Abortable, TransportListener } from '@ouro/signaling';
import type { WhipServerOptions } from '@ouro/transport-whip/server';
import type { FastifyInstance } from 'fastify';
import type { LocalHandlers } from '../local/server.ts';

/** What the agent offers to the transports that listen on it. */
export interface TransportHost {
  readonly authorizer: Authorizer;
  /** The account whose shells the agent opens. */
  readonly user: string;
  /** What is announced to a client. */
  readonly iceServers: NonNullable<WhipServerOptions['iceServers']>;
  /** The environment that the agent was started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Adds routes to the agent's HTTP server, before it listens. */
  route(add: (fastify: FastifyInstance) => Promise<void>): void;
  /** Takes the connections of `ouro-agent accept`. */
  accept(handle: LocalHandlers['accept']): void;
}

/** Makes a transport's listener. @throws AgentError, SignalingError when it cannot listen */
export type ListenOn = (host: TransportHost, options: Abortable) => Promise<TransportListener>;
