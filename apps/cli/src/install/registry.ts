import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Abortable } from '@ouro/signaling';
import { CliError } from '../errors.ts';
import { DEFAULT_REGISTRY, NPM_TIMEOUT_MS } from './constants.ts';
import { parseRegistry } from './registry-url.ts';

async function npmRegistry(env: NodeJS.ProcessEnv, { signal }: Abortable): Promise<string | undefined> {
  try {
    const options = { env, timeout: NPM_TIMEOUT_MS, signal };
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], options);
    return stdout.trim();
  } catch {
    // Without an npm there is no configuration of it.
    return undefined;
  }
}

/**
 * The registry of this machine's user: what the environment tells npm, else npm's configuration, else its default.
 * @throws CliError `usage` when that is no URL
 */
export async function ownRegistry(environment: NodeJS.ProcessEnv, options: Abortable): Promise<URL> {
  const told = environment.npm_config_registry ?? environment.NPM_CONFIG_REGISTRY;
  const text = told || (await npmRegistry(environment, options)) || DEFAULT_REGISTRY;
  const url = parseRegistry(text);
  if (url === undefined)
    throw new CliError(
      'usage',
      `npm's registry here, "${text}", is no http(s) URL; name one with --registry`,
    );
  return url;
}
