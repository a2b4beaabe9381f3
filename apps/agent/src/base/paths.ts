import { isAbsolute, join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from './constants.ts';
import { AgentError } from './errors.ts';

/** Every place the agent reads or writes. All are absolute. */
export interface Paths {
  readonly configDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly config: string;
  readonly identity: string;
  readonly authorized: string;
  readonly log: string;
  readonly crashLog: string;
  readonly socket: string;
  readonly pidFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A base directory: relative ones must be ignored (XDG Base Directory Specification 0.8). */
const baseDir = (value: string | undefined, fallback: string): string =>
  value !== undefined && isAbsolute(value) ? value : fallback;

/**
 * Where things are, after the XDG Base Directory Specification.
 *
 * @param env the environment with XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_RUNTIME_DIR, each optional
 * @param home the user's home directory
 * @throws AgentError `config` when the socket's path is longer than the system takes
 */
export function resolvePaths(env: Environment, home: string): Paths {
  const configDir = join(baseDir(env.XDG_CONFIG_HOME, join(home, '.config')), 'ouro');
  const stateDir = join(baseDir(env.XDG_STATE_HOME, join(home, '.local/state')), 'ouro');
  const runtimeDir = join(baseDir(env.XDG_RUNTIME_DIR, join(home, '.local/run')), 'ouro');
  const socket = join(runtimeDir, 'agent.sock');
  if (new TextEncoder().encode(socket).length > MAX_SOCKET_PATH_BYTES) {
    throw new AgentError(
      'config',
      `The path of the agent's socket is longer than the system takes (${MAX_SOCKET_PATH_BYTES} bytes): ${socket}. Set XDG_RUNTIME_DIR to a shorter directory`,
    );
  }
  return {
    configDir,
    stateDir,
    runtimeDir,
    config: join(configDir, 'agent.toml'),
    identity: join(configDir, 'identity.pem'),
    authorized: join(configDir, 'authorized_fingerprints'),
    log: join(stateDir, 'agent.log'),
    crashLog: join(stateDir, 'agent.err'),
    socket,
    pidFile: join(runtimeDir, 'agent.pid'),
  };
}

/** A log path of the config; a relative one is below the state directory. */
export const inState = ({ stateDir }: Pick<Paths, 'stateDir'>, path: string): string =>
  isAbsolute(path) ? path : join(stateDir, path);
