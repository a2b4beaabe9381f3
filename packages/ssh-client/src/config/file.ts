import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { SSHConfig } from 'ssh-config';
import { SshError } from '../errors.ts';
import type { SshOptions } from './options.ts';

/** Deepest chain of Include followed, as ssh has it (READCONF_MAX_DEPTH). */
const MAX_INCLUDE_DEPTH = 16;

/** ssh's one-letter options that have a keyword. */
const LETTERS: Readonly<Record<string, string>> = {
  '-p': 'Port',
  '-l': 'User',
  '-i': 'IdentityFile',
  '-J': 'ProxyJump',
};

/** ssh's own options (`-p 22`, `-o Port=22`) as lines of a configuration; they win by standing first. */
const argsAsText = (args: readonly string[]): string => {
  const lines: string[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const [option, value] = [args[index] ?? '', args[index + 1]];
    const keyword = LETTERS[option];
    if (value === undefined || (option !== '-o' && !keyword) || value.includes('\n')) {
      throw new SshError(
        'bad-config',
        `Without OpenSSH's ssh the option ${option} is not known; install ssh, or leave it out`,
      );
    }
    lines.push(option === '-o' ? value : `${keyword} ${value}`);
  }
  return lines.join('\n');
};

const included = async (pattern: string, sshDirectory: string): Promise<string[]> => {
  const home = dirname(sshDirectory);
  const plain = pattern.replace(/^"|"$/g, '').replace(/^~\//, `${home}/`);
  const path = isAbsolute(plain) ? plain : join(sshDirectory, plain);
  if (!/[*?]/.test(path)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  const { glob } = await import('ssh-config');
  return names
    .filter((name) => glob(basename(path), name))
    .sort()
    .map((name) => join(dirname(path), name));
};

/** Puts the text of included files in the place of their Include lines, which the parser leaves alone. */
const inlineIncludes = async (text: string, sshDirectory: string, depth = 0): Promise<string> => {
  if (depth > MAX_INCLUDE_DEPTH)
    throw new SshError('bad-config', 'Include goes too deep; look for a file that includes itself');
  const parts = text.split('\n').map(async (line) => {
    const match = /^\s*Include[\s=]+(.+?)\s*$/i.exec(line);
    if (!match) return line;
    const patterns = match[1]?.match(/"[^"]*"|\S+/g) ?? [];
    const files = (await Promise.all(patterns.map((pattern) => included(pattern, sshDirectory)))).flat();
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
    return (await Promise.all(texts.map((inner) => inlineIncludes(inner, sshDirectory, depth + 1)))).join(
      '\n',
    );
  });
  return (await Promise.all(parts)).join('\n');
};

const valuesOf = (config: SSHConfig, host: string): SshOptions => {
  const options = new Map<string, readonly string[]>();
  for (const [keyword, value] of Object.entries(config.compute(host, { ignoreCase: true }))) {
    options.set(keyword.toLowerCase(), Array.isArray(value) ? value : [value]);
  }
  return options;
};

/**
 * The keywords that hold for a host, by the `ssh-config` library: it knows Host and Match with their patterns, and
 * is the one parser on npm that computes a host's values in OpenSSH's order (first one wins).
 *
 * @param texts the user's file and the system's, in this order
 * @throws SshError `bad-config`
 */
export const parseConfigFiles = async (
  texts: readonly string[],
  host: string,
  args: readonly string[],
  sshDirectory: string,
): Promise<SshOptions> => {
  const { parse } = await import('ssh-config');
  const whole = await Promise.all(texts.map((text) => inlineIncludes(text, sshDirectory)));
  try {
    // `Match all` closes the last block of a file, so that the next file starts outside of it.
    return valuesOf(parse([argsAsText(args), ...whole].join('\nMatch all\n')), host);
  } catch (thrown) {
    if (thrown instanceof SshError) throw thrown;
    throw new SshError(
      'bad-config',
      'The SSH configuration has a line that is not understood; try: ssh -G <host>',
      {
        cause: thrown,
      },
    );
  }
};
