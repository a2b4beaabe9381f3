import type { Resolver } from 'node:dns/promises';
import { canonicalAddress, isAddress } from '@ouro/base/node';
import { DNS_TIMEOUT_MS, DNS_TRIES } from './constants.ts';

/** 4 or 6. */
export type Family = 4 | 6;

/** The addresses of ICE servers by name. Each name is asked for once a family. */
export class ServerNames {
  readonly #nameServers: readonly string[] | undefined;
  readonly #resolvers: Resolver[] = [];
  readonly #answers = new Map<string, Promise<string | undefined>>();
  #closed = false;

  /** @param nameServers instead of the system's, `address:port` */
  constructor(nameServers?: readonly string[]) {
    this.#nameServers = nameServers;
  }

  /** One address of the host; undefined if it has none of the family, or there is no answer in time. Never rejects. */
  address(host: string, family: Family): Promise<string | undefined> {
    if (isAddress(host)) {
      const own = host.includes(':') ? 6 : 4;
      return Promise.resolve(own === family ? canonicalAddress(host) : undefined);
    }
    const key = `${family} ${host}`;
    const answer = this.#answers.get(key) ?? this.#ask(host, family);
    this.#answers.set(key, answer);
    return answer;
  }

  /** Asks for nothing more; what is being asked has no answer. */
  close(): void {
    this.#closed = true;
    for (const resolver of this.#resolvers) resolver.cancel();
  }

  /**
   * The system's own look-up, which knows /etc/hosts and mDNS, keeps one of the four threads that files are read with for as
   * long as the name server is silent. So it is used only after the name server has said anything.
   */
  async #ask(host: string, family: Family): Promise<string | undefined> {
    // Loaded here: most connections have no server with a name.
    const { lookup, Resolver } = await import('node:dns/promises');
    if (this.#closed) return undefined;
    const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
    if (this.#nameServers !== undefined) resolver.setServers(this.#nameServers);
    this.#resolvers.push(resolver);
    try {
      const found = await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host));
      if (found[0] !== undefined) return canonicalAddress(found[0]);
    } catch (error) {
      const silent = error instanceof Error && 'code' in error && SILENT.has(error.code);
      if (silent) return undefined;
    }
    const found = await lookup(host, { family }).catch(() => undefined);
    return found === undefined ? undefined : canonicalAddress(found.address);
  }
}

const SILENT: ReadonlySet<unknown> = new Set(['ETIMEOUT', 'ECANCELLED', 'EDESTRUCTION']);
