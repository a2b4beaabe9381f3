import { readFile } from 'node:fs/promises';
import type { Abortable } from '@ouro/signaling';
import { run } from '../config/run.ts';
import { type KnownHostLine, lineMatches, parseKnownHostLine } from './line.ts';

/** Largest known_hosts file read without ssh-keygen, in bytes. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** What a known_hosts line is about, and where it stands. */
export interface KnownHost extends KnownHostLine {
  readonly file: string;
  /** From 1; 0 when it is not known. */
  readonly lineNumber: number;
}

const parsed = (text: string, file: string): KnownHost[] => {
  const hosts: KnownHost[] = [];
  let lineNumber = 0;
  for (const line of text.split('\n')) {
    // ssh-keygen puts `# Host x found: line 12` in front of each line that it prints.
    const found = /^# Host .* found: line (\d+)/.exec(line);
    if (found) lineNumber = Number(found[1]);
    const host = parseKnownHostLine(line);
    if (host) hosts.push({ ...host, file, lineNumber });
  }
  return hosts;
};

const viaKeygen = async (name: string, file: string, abort: Abortable, program: string) => {
  const result = await run(program, ['-F', name, '-f', file], abort);
  return result ? parsed(result.stdout, file) : undefined;
};

const viaFile = async (name: string, file: string): Promise<KnownHost[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.length > MAX_FILE_BYTES) return [];
  return text.split('\n').flatMap((line, index) => {
    const host = parseKnownHostLine(line);
    return host && lineMatches(host, name) ? [{ ...host, file, lineNumber: index + 1 }] : [];
  });
};

/**
 * Every line of these files about a name (`host`, or `[host]:port`): by `ssh-keygen -F` where OpenSSH is installed,
 * by our own reading otherwise. A file that is not there holds nothing.
 *
 * @param keygen the ssh-keygen to ask; false = read the files ourselves
 */
export const lookupKnownHosts = async (
  name: string,
  files: readonly string[],
  { signal, keygen = 'ssh-keygen' }: Abortable & { keygen?: string | false },
): Promise<KnownHost[]> => {
  const found = await Promise.all(
    files.map(async (file) => {
      const asked = keygen === false ? undefined : await viaKeygen(name, file, { signal }, keygen);
      return asked ?? viaFile(name, file);
    }),
  );
  return found.flat();
};
