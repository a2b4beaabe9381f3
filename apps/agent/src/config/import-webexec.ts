import { join } from 'node:path';
import { isLoopback } from '@ouro/base';
import { FileAuthorizer, FingerprintError, Identity } from '@ouro/fingerprint';
import { stringify } from 'smol-toml';
import { Value } from 'typebox/value';
import { DEFAULT_HTTP_SERVER, MAX_CONFIG_BYTES } from '../base/constants.ts';
import { AgentError } from '../base/errors.ts';
import { readTextFile, writePrivateFile } from '../base/files.ts';
import type { Paths } from '../base/paths.ts';
import { parseAddress } from './address.ts';
import { decodeToml, isRecord, isSchema } from './parse.ts';
import { ConfigSchema } from './schema.ts';
import { withoutEffect } from './without-effect.ts';

/** Settings that name webexec's own files. */
const OWN_FILES = new Set(['log.file', 'log.error']);

/**
 * Imports what webexec keeps: its certificate (so that clients which know this host go on knowing it), its config and
 * its list of clients. What Ouro has already is kept; only the list is added to.
 *
 * @param source webexec's directory
 * @returns what was done and what could not be taken over, a sentence each
 * @throws AgentError `no-input` when there is nothing to import, `bad-input` when Ouro has another identity;
 *   FingerprintError for a damaged identity
 */
export async function importWebexec(source: string, paths: Paths): Promise<string[]> {
  const notes = [
    ...(await importIdentity(join(source, 'certnkey.pem'), paths.identity)),
    ...(await importClients(join(source, 'authorized_fingerprints'), paths.authorized)),
    ...(await importConfig(join(source, 'webexec.conf'), paths.config)),
  ];
  if (notes.length === 0) {
    throw new AgentError(
      'no-input',
      `There is nothing of webexec in ${source}; name its directory: --from-webexec <dir>`,
    );
  }
  return notes;
}

const ifThere = async (load: () => Promise<Identity>): Promise<Identity | undefined> => {
  try {
    return await load();
  } catch (thrown) {
    if (thrown instanceof FingerprintError && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
};

async function importIdentity(from: string, to: string): Promise<string[]> {
  // webexec writes its key readable by everyone; refusing it would only make the user change the mode.
  const theirs = await ifThere(() => Identity.load(from, { allowReadableByOthers: true }));
  if (theirs === undefined) return [];
  const mine = await ifThere(() => Identity.load(to));
  if (mine === undefined) {
    await theirs.save(to);
    return [`Took over the identity ${theirs.fingerprint.compact}`];
  }
  if (mine.fingerprint.equals(theirs.fingerprint)) return ['The identity is webexec’s already'];
  throw new AgentError(
    'bad-input',
    `This host has an identity of its own in ${to}. To be known as webexec's ${theirs.fingerprint.compact} instead, move that file away and run this again`,
  );
}

async function importClients(from: string, to: string): Promise<string[]> {
  const theirs = new FileAuthorizer(from);
  const mine = new FileAuthorizer(to);
  const entries = await theirs.list();
  let added = 0;
  for (const { fingerprint, label } of entries) if (await mine.add(fingerprint, label)) added += 1;
  const bad = (await theirs.badLines()).map(({ line, reason }) => `Left out ${from}:${line}: ${reason}`);
  return entries.length === 0
    ? bad
    : [`Let in ${added} of ${entries.length} clients (the others were)`, ...bad];
}

async function importConfig(from: string, to: string): Promise<string[]> {
  const toml = await readTextFile(from, MAX_CONFIG_BYTES);
  if (toml === undefined) return [];
  if ((await readTextFile(to, MAX_CONFIG_BYTES)) !== undefined) return [`Kept the config that is in ${to}`];
  const { config, notes } = translate(decodeToml(toml, from));
  await writePrivateFile(to, `# Taken over from webexec's config.\n\n${stringify(config)}`);
  return [`Took over the config of ${from}`, ...notes];
}

/** The settings of webexec that have a meaning here, and a sentence for each that has none. */
function translate(value: unknown): {
  config: Record<string, Record<string, unknown> | unknown[]>;
  notes: string[];
} {
  const config: Record<string, Record<string, unknown> | unknown[]> = {};
  const notes: string[] = [];
  for (const [section, content] of Object.entries(isRecord(value) ? value : {})) {
    const schema: unknown = Object.entries(ConfigSchema.properties).find(([name]) => name === section)?.[1];
    if (!isSchema(schema)) notes.push(`Left out ${section}: it has no meaning here`);
    else if (Array.isArray(content) && Value.Check(schema, content)) config[section] = content;
    else if (isRecord(content)) {
      const { kept, left } = sift(section, content);
      config[section] = kept;
      notes.push(...left);
    } else notes.push(`Left out ${section}: its form is not understood`);
  }
  notes.push(...leaveIdle(config), ...closeDoor(config));
  return { config, notes };
}

function sift(
  section: string,
  content: Record<string, unknown>,
): { kept: Record<string, unknown>; left: string[] } {
  const kept: Record<string, unknown> = {};
  const left: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    if (OWN_FILES.has(`${section}.${key}`)) continue;
    const known = Value.Check(ConfigSchema, { [section]: { [key]: value } });
    const named = section === 'env' || isKnown(section, key);
    if (known && named) kept[key] = value;
    else
      left.push(`Left out ${section}.${key}: ${named ? 'its value does not fit' : 'it has no meaning here'}`);
  }
  return { kept, left };
}

const isKnown = (section: string, key: string): boolean => {
  const schema: unknown = Object.entries(ConfigSchema.properties).find(([name]) => name === section)?.[1];
  return isRecord(schema) && isRecord(schema.properties) && Object.hasOwn(schema.properties, key);
};

/** Takes out what would be reported as without effect at every start. */
function leaveIdle(config: Record<string, Record<string, unknown> | unknown[]>): string[] {
  const idle = Value.Check(ConfigSchema, config) ? withoutEffect(config) : [];
  return idle.map(({ path: [section = '', key], why }) => {
    const content = config[section];
    if (key === undefined) delete config[section];
    else if (isRecord(content)) delete content[key];
    return `Left out ${key === undefined ? section : `${section}.${key}`}: ${why}`;
  });
}

/** webexec's default lets every machine on the network reach its plain HTTP; that is a thing to choose, not to inherit. */
function closeDoor(config: Record<string, Record<string, unknown> | unknown[]>): string[] {
  const { net } = config;
  if (!isRecord(net) || typeof net.http_server !== 'string') return [];
  const before = net.http_server;
  try {
    if (isLoopback(parseAddress(before).host)) return [];
  } catch {
    // Not an address: the default is.
  }
  net.http_server = DEFAULT_HTTP_SERVER;
  return [
    `net.http_server was ${before}, open to the network; it is ${DEFAULT_HTTP_SERVER} now. Set it back in agent.toml if you need it`,
  ];
}
