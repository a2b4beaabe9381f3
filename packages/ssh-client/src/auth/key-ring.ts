import type { ParsedKey } from 'ssh2';
import { type ExpandContext, expandPath } from '../config/expand.ts';
import type { SshConfig } from '../config/ssh-config.ts';
import { type IdentityFile, type IdentityFileResult, loadIdentityFile } from './identity-file.ts';
import type { Ssh2 } from './ssh2.ts';

/** One key that may prove who we are: held by an ssh-agent, or by a file. */
export type Identity = { kind: 'agent'; publicKey: ParsedKey } | { kind: 'file'; file: IdentityFile };

/** The keys of one login, in the order they are tried, and what was left out with its reason. */
export interface Identities {
  readonly list: readonly Identity[];
  readonly skipped: readonly string[];
  readonly agentSocket: string | undefined;
}

const sameKey = (left: ParsedKey | undefined, right: ParsedKey): boolean =>
  left !== undefined && Buffer.compare(left.getPublicSSH(), right.getPublicSSH()) === 0;

/** The socket of the ssh-agent that a configuration means (ssh_config(5) IdentityAgent). */
const agentSocketOf = (config: SshConfig, context: ExpandContext): string | undefined => {
  const named = config.identityAgent;
  if (named === undefined || named === 'SSH_AUTH_SOCK') return context.env.SSH_AUTH_SOCK || undefined;
  if (named.toLowerCase() === 'none') return undefined;
  if (named.startsWith('$')) return context.env[named.slice(1).replace(/[{}]/g, '')] || undefined;
  return expandPath(named, config, context);
};

/**
 * The keys of a user for one dial and all its jumps: a passphrase typed for one hop serves the next.
 */
export class KeyRing {
  readonly #ssh2: Ssh2;
  readonly #files = new Map<string, Promise<IdentityFileResult>>();

  constructor(ssh2: Ssh2) {
    this.#ssh2 = ssh2;
  }

  #file(path: string): Promise<IdentityFileResult> {
    const loaded = this.#files.get(path) ?? loadIdentityFile(this.#ssh2, path);
    this.#files.set(path, loaded);
    return loaded;
  }

  #agentKeys(socket: string | undefined): Promise<ParsedKey[]> {
    if (!socket) return Promise.resolve([]);
    const agent = this.#ssh2.createAgent(socket);
    return new Promise((resolve) => {
      // An agent that is not there is no failure: the files are tried, as ssh does.
      agent.getIdentities((error, keys) => resolve(error || !keys ? [] : this.#parsed(keys)));
    });
  }

  #parsed(keys: readonly unknown[]): ParsedKey[] {
    return keys.flatMap((key) => (isParsedKey(key) ? [key] : []));
  }

  /** ssh's order: agent keys that an IdentityFile names, other agent keys (unless IdentitiesOnly), then files. */
  async identities(config: SshConfig, context: ExpandContext): Promise<Identities> {
    if (!config.pubkeyAuthentication) return { list: [], skipped: [], agentSocket: undefined };
    const agentSocket = agentSocketOf(config, context);
    const paths = config.identityFiles.map((path) => expandPath(path, config, context));
    const [agentKeys, named, ...loaded] = await Promise.all([
      this.#agentKeys(agentSocket),
      this.#publicKeys(paths),
      ...paths.map((path) => this.#file(path)),
    ]);
    const files = loaded.flatMap((result) => (result && 'identity' in result ? [result.identity] : []));
    const isNamed = (key: ParsedKey): boolean => named.some((other) => sameKey(other, key));
    const ofAgent = [
      ...agentKeys.filter(isNamed),
      ...(config.identitiesOnly ? [] : agentKeys.filter((key) => !isNamed(key))),
    ];
    const ofFiles = files.filter((file) => !agentKeys.some((key) => sameKey(file.publicKey, key)));
    return {
      list: [
        ...ofAgent.map((publicKey) => ({ kind: 'agent', publicKey }) as const),
        ...ofFiles.map((file) => ({ kind: 'file', file }) as const),
      ],
      skipped: loaded.flatMap((result) => (result && 'skipped' in result ? [result.skipped] : [])),
      agentSocket,
    };
  }

  /** Public keys that IdentityFiles name, those whose private part only the agent holds included. */
  async #publicKeys(paths: readonly string[]): Promise<ParsedKey[]> {
    const { readFile } = await import('node:fs/promises');
    const keys = await Promise.all(
      paths.map(async (path) => {
        const loaded = await this.#file(path);
        if (loaded && 'identity' in loaded) return loaded.identity.publicKey;
        const text = await readFile(path.endsWith('.pub') ? path : `${path}.pub`, 'utf8').catch(() => '');
        const parsed: ParsedKey | ParsedKey[] | Error = this.#ssh2.utils.parseKey(text);
        return Array.isArray(parsed) || parsed instanceof Error ? undefined : parsed;
      }),
    );
    return keys.filter((key) => key !== undefined);
  }
}

const isParsedKey = (value: unknown): value is ParsedKey =>
  typeof value === 'object' && value !== null && 'getPublicSSH' in value && !(value instanceof Error);
