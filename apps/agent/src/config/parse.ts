import { parse, TomlError } from 'smol-toml';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_CONFIG_BYTES } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { readTextFile } from '../base/files.ts';
import { type Config, resolveConfig } from './config.ts';
import { lineOf } from './locate.ts';
import { ConfigSchema } from './schema.ts';
import { withoutEffect } from './without-effect.ts';

/** A decoded config, and what in the file has no meaning. */
export interface ParsedConfig {
  readonly config: Config;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** A TOML text as a value. @throws AgentError `config` with line and column */
export const decodeToml = (toml: string, name: string): unknown => {
  try {
    return parse(toml);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const reason = thrown.message.split('\n')[0] ?? '';
    throw new AgentError('config', `${name}:${thrown.line}:${thrown.column}: ${reason}`, { cause: thrown });
  }
};

const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

const dotted = (path: readonly string[]): string =>
  path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

const at = (toml: string, name: string, path: readonly string[]): string => {
  const line = lineOf(toml, path);
  return line === undefined ? name : `${name}:${line}`;
};

/** What the value at `path` must be, in the words of the schema nearest to it. */
const expectation = (schema: TSchema, [step, ...rest]: readonly string[]): string | undefined => {
  const inner = step === undefined ? undefined : schemaBelow(schema, step);
  const own =
    'description' in schema && typeof schema.description === 'string' ? schema.description : undefined;
  return (inner && expectation(inner, rest)) ?? own;
};

/** The schema of a member or an item. */
const schemaBelow = (schema: TSchema, step: string): TSchema | undefined => {
  const properties: unknown = 'properties' in schema ? schema.properties : undefined;
  if (isRecord(properties) && Object.hasOwn(properties, step)) return asSchema(properties[step]);
  if ('items' in schema) return asSchema(schema.items);
  const patterns: unknown = 'patternProperties' in schema ? schema.patternProperties : undefined;
  return isRecord(patterns) ? asSchema(Object.values(patterns)[0]) : undefined;
};

const asSchema = (value: unknown): TSchema | undefined => (isSchema(value) ? value : undefined);

/** Paths of the keys that the schema does not know. */
const unknownKeys = (schema: TSchema, value: unknown, path: readonly string[] = []): string[][] => {
  if (Array.isArray(value)) {
    const items = 'items' in schema ? schema.items : undefined;
    return value.flatMap((item, index) =>
      isSchema(items) ? unknownKeys(items, item, [...path, `${index}`]) : [],
    );
  }
  const properties: unknown = 'properties' in schema ? schema.properties : undefined;
  if (!isRecord(value) || !isRecord(properties)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return isSchema(known) ? unknownKeys(known, inner, [...path, key]) : [[...path, key]];
  });
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isSchema = (value: unknown): value is TSchema => isRecord(value);

/**
 * Decodes a config text.
 *
 * @param name the file's name for messages
 * @throws AgentError `config` with line and key when it is no TOML, a type is wrong or values do not fit together
 */
export function parseConfig(toml: string, name: string): ParsedConfig {
  const value = decodeToml(toml, name);
  if (!Value.Check(ConfigSchema, value)) {
    const errors = Value.Errors(ConfigSchema, value);
    const path = steps(errors[0]?.instancePath ?? '');
    throw new AgentError(
      'config',
      `${at(toml, name, path)}: ${dotted(path)} must be ${expectation(ConfigSchema, path) ?? 'of another kind'}`,
    );
  }
  const unknown = unknownKeys(ConfigSchema, value).map(
    (path) => `${at(toml, name, path)}: ${dotted(path)} is not a setting of this version and has no effect`,
  );
  const idle = withoutEffect(value).map(
    ({ path, why }) => `${at(toml, name, path)}: ${dotted(path)} has no effect: ${why}`,
  );
  return { config: resolveConfig(value), warnings: [...unknown, ...idle] };
}

/** Reads the config file; none is an empty one. @throws AgentError `config`, `permission`, `oversize` */
export async function loadConfig(path: string): Promise<ParsedConfig> {
  return parseConfig((await readTextFile(path, MAX_CONFIG_BYTES)) ?? '', path);
}
