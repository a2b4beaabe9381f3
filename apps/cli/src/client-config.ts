import type { IceServer } from '@ouro/ice';
import { parse, TomlError } from 'smol-toml';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { configError } from './errors.ts';

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

/** The servers that a config names. @throws CliError `config`, without anything of the text */
export function decodeConfig(toml: string, path: string): IceServer[] {
  let value: unknown;
  try {
    value = parse(toml);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // Its message shows the line, which may hold a password.
    throw configError(`${path}:${thrown.line}:${thrown.column}`, 'it is no TOML');
  }
  if (!Value.Check(ClientConfigSchema, value)) {
    const [error] = Value.Errors(ClientConfigSchema, value);
    throw configError(
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
