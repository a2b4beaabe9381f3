import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where this program keeps its files, absolute paths. */
export interface Paths {
  /** Own certificate and key, one PEM file. */
  readonly identity: string;
  /** Settings of this client, made by the user. */
  readonly config: string;
  /** Fingerprints of hosts met before. */
  readonly knownHosts: string;
  /** Directory of what can be fetched again. */
  readonly cache: string;
}

/** A relative path in an XDG variable is invalid and ignored (XDG Base Directory Specification). */
function base(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : fallback;
}

/** The paths for this environment. */
export function pathsOf(environment: Readonly<Record<string, string | undefined>>): Paths {
  const home = base(environment.HOME, homedir());
  const config = base(environment.XDG_CONFIG_HOME, join(home, '.config'));
  const state = base(environment.XDG_STATE_HOME, join(home, '.local', 'state'));
  const cache = base(environment.XDG_CACHE_HOME, join(home, '.cache'));
  return {
    identity: join(config, 'ouro', 'client.pem'),
    config: join(config, 'ouro', 'client.toml'),
    knownHosts: join(state, 'ouro', 'known_hosts.json'),
    cache: join(cache, 'ouro'),
  };
}
