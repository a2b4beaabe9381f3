import { readFile, stat } from 'node:fs/promises';
import type { IceServer } from '@ouro/peer';
import { Type } from 'typebox';
import { MAX_CLIENT_CONFIG_BYTES } from './constants.ts';
import { CliError, systemCode } from './errors.ts';

/** What `client.toml` may say; other keys are left to later versions. */
const ClientConfigSchema = Type.Object({
  ice_servers: Type.Optional(
    Type.Array(
      Type.Object({
        urls: Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 16 })]),
        username: Type.Optional(Type.String()),
        password: Type.Optional(Type.String()),
      }),
      { maxItems: 32 },
    ),
  ),
});

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
  const configured = toml === undefined ? [] : await decode(toml, config);
  const named = urls.map((url) => ({ urls: url }));
  if (named.length > 0)
    await check(named, 'usage', '--ice-server', '. A TURN server with its password goes into client.toml');
  if (configured.length > 0) await check(configured, 'config', config, '');
  return [...named, ...configured];
}

async function readConfig(path: string, notice: (text: string) => void): Promise<string | undefined> {
  try {
    const { size, mode } = await stat(path);
    if (size > MAX_CLIENT_CONFIG_BYTES) throw wrong(path, 'it is far too large');
    const toml = await readFile(path, 'utf8');
    if ((mode & 0o077) !== 0 && toml.includes('password')) {
      notice(`others can read the passwords in ${path}; make it yours alone with: chmod 600 ${path}`);
    }
    return toml;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown instanceof CliError
      ? thrown
      : wrong(path, `it cannot be read (${systemCode(thrown) ?? 'unknown failure'})`);
  }
}

async function decode(toml: string, path: string): Promise<IceServer[]> {
  const [{ parse, TomlError }, { Value }] = await Promise.all([import('smol-toml'), import('typebox/value')]);
  let value: unknown;
  try {
    value = parse(toml);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // Its message shows the line, which may hold a password.
    throw wrong(`${path}:${thrown.line}:${thrown.column}`, 'it is no TOML');
  }
  if (!Value.Check(ClientConfigSchema, value)) {
    const [error] = Value.Errors(ClientConfigSchema, value);
    throw wrong(
      path,
      `${error?.instancePath.slice(1).replaceAll('/', '.') ?? 'it'} ${error?.message ?? 'is wrong'}`,
    );
  }
  return (value.ice_servers ?? []).map(({ urls, username, password }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { credential: password }),
  }));
}

async function check(
  servers: readonly IceServer[],
  code: 'config' | 'usage',
  where: string,
  hint: string,
): Promise<void> {
  const { parseIceServers } = await import('@ouro/peer');
  try {
    parseIceServers(servers);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'It cannot be used';
    throw new CliError(code, `${where}: ${why}${hint}.`, { cause });
  }
}

function wrong(where: string, why: string): CliError {
  return new CliError('config', `${where}: ${why}; correct it, or move it away.`);
}
