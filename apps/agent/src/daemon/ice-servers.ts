import type { Fingerprint } from '@ouro/fingerprint';
import { parseIceServers, turnCredentials } from '@ouro/ice';
import type { Clock } from '@ouro/session';
import type { IceServer as AnnouncedServer } from '@ouro/transport-whip/server';
import { AgentError } from '../base/errors.ts';
import type { IceServer } from '../config/config.ts';

/** Characters of a client's fingerprint in its TURN username: enough to count its allocations by. */
const ID_CHARS = 16;

/** A server as it is used: with credentials, or with none. */
interface UsableServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** To whom servers are announced. */
export interface Announcement {
  readonly fingerprint: Fingerprint;
  /** Nobody on the way can read it. */
  readonly secure: boolean;
}

/** The STUN and TURN servers of the config: for the agent's own peers, and for its clients. */
export class IceServers {
  readonly #servers: readonly IceServer[];
  readonly #clock: Clock;

  /** @throws AgentError `config` for a server that cannot be used */
  constructor(servers: readonly IceServer[], clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
    for (const [index, server] of servers.entries()) checkServer(this.#usable(server, 'check'), index);
  }

  /** For a peer of the agent. Credentials that are made from a secret are new each time. */
  own(): UsableServer[] {
    return this.#servers.map((server) => this.#usable(server, 'agent'));
  }

  /**
   * For a client: STUN servers, and TURN servers with credentials made for it. One with a password of the config
   * is left out where somebody could read it on the way: it does not expire.
   */
  announced({ fingerprint, secure }: Announcement): AnnouncedServer[] {
    return this.#servers
      .filter(({ credential }) => credential === undefined || secure)
      .map((server) => this.#usable(server, fingerprint.compact.slice(0, ID_CHARS)));
  }

  #usable({ urls, username, credential, secret, ttl }: IceServer, id: string): UsableServer {
    const list = [urls].flat();
    if (secret !== undefined) {
      const expiresAt = Math.floor(this.#clock.now() / 1000) + ttl;
      return { urls: list, ...turnCredentials(secret, { expiresAt, id }) };
    }
    return username === undefined || credential === undefined
      ? { urls: list }
      : { urls: list, username, credential };
  }
}

function checkServer(server: UsableServer, index: number): void {
  try {
    parseIceServers([server]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'It cannot be used';
    throw new AgentError('config', `ice_servers[${index}] in agent.toml: ${why}`, { cause });
  }
}
