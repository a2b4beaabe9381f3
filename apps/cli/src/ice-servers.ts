import { readFile, stat } from 'node:fs/promises';
import { systemCode } from '@ouro/base/node';
import type { IceServer } from '@ouro/ice';
import { MAX_CLIENT_CONFIG_BYTES } from './constants.ts';
import { CliError, configError } from './errors.ts';

/** Where servers come from, and who is told of what is not as it should be. */
export interface IceServersOptions {
  /** The path of `client.toml`, which need not exist. */
  readonly config: string;
  /** Of the command line: without passwords, which every user of the machine could read there. */
  readonly urls: readonly string[];
  readonly notice: (text: string) => void;
}

/**
 * The STUN and TURN servers that this client uses: those of the command line, then those of its config.
 * @throws CliError `config`, `usage`
 */
export async function loadIceServers({ config, urls, notice }: IceServersOptions): Promise<IceServer[]> {
  const toml = await readConfig(config, notice);
  // Most have no such file, and need not wait for what reads it.
  const configured =
    toml === undefined ? [] : (await import('./client-config.ts')).decodeConfig(toml, config);
  const named = urls.map((url) => ({ urls: url }));
  if (named.length > 0)
    await check(named, 'usage', '--ice-server', '. A TURN server with its password goes into client.toml');
  if (configured.length > 0) await check(configured, 'config', config, '');
  return [...named, ...configured];
}

async function readConfig(path: string, notice: (text: string) => void): Promise<string | undefined> {
  try {
    const { size, mode } = await stat(path);
    if (size > MAX_CLIENT_CONFIG_BYTES) throw configError(path, 'it is far too large');
    const toml = await readFile(path, 'utf8');
    if ((mode & 0o077) !== 0 && toml.includes('password')) {
      notice(`others can read the passwords in ${path}; make it yours alone with: chmod 600 ${path}`);
    }
    return toml;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown instanceof CliError
      ? thrown
      : configError(path, `it cannot be read (${systemCode(thrown) ?? 'unknown failure'})`);
  }
}

async function check(
  servers: readonly IceServer[],
  code: 'config' | 'usage',
  where: string,
  hint: string,
): Promise<void> {
  const { parseIceServers } = await import('@ouro/ice');
  try {
    parseIceServers(servers);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'It cannot be used';
    throw new CliError(code, `${where}: ${why}${hint}.`, { cause });
  }
}
