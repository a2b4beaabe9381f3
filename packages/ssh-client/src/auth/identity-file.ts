import { readFile } from 'node:fs/promises';
import type { Abortable } from '@ouro/signaling';
import type { ParsedKey } from 'ssh2';
import { PASSPHRASE_TRIES } from '../constants.ts';
import type { SshPrompt } from '../prompt.ts';
import { publicBlobOfPrivateKey } from './public-key.ts';
import type { Ssh2 } from './ssh2.ts';

/** Largest key file read, in bytes; an RSA-16384 key is 13 KiB. */
const MAX_KEY_FILE_BYTES = 64 * 1024;

/** A key of one IdentityFile. */
export interface IdentityFile {
  readonly path: string;
  /** Undefined only for an encrypted key of an old format without a `.pub` beside it. */
  readonly publicKey: ParsedKey | undefined;
  /** Whether a passphrase has to be asked for. */
  readonly locked: boolean;
  /** The key itself; a passphrase is asked for once, the first time. Undefined = it cannot be had. */
  unlock(prompt: SshPrompt | undefined, abort: Abortable): Promise<ParsedKey | undefined>;
}

/** What a key file turned out to be: a key, nothing at all, or a reason for the user why it is left out. */
export type IdentityFileResult = { identity: IdentityFile } | { skipped: string } | undefined;

const read = async (path: string): Promise<string | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text && text.length <= MAX_KEY_FILE_BYTES ? text : undefined;
};

const parse = (ssh2: Ssh2, data: string | Buffer, passphrase?: string): ParsedKey | Error => {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(data, passphrase);
  if (!Array.isArray(parsed)) return parsed;
  return parsed[0] ?? new Error('no key');
};

const publicOf = (ssh2: Ssh2, privateText: string, publicText: string | undefined): ParsedKey | undefined => {
  for (const source of [publicText, publicBlobOfPrivateKey(privateText)]) {
    const key = source ? parse(ssh2, source) : undefined;
    if (key && !(key instanceof Error)) return key;
  }
  return undefined;
};

const askPassphrase = async (
  ssh2: Ssh2,
  path: string,
  text: string,
  prompt: SshPrompt | undefined,
  abort: Abortable,
): Promise<ParsedKey | undefined> => {
  for (let tries = 0; prompt && tries < PASSPHRASE_TRIES; tries++) {
    const question = {
      kind: 'passphrase',
      echo: false,
      text: `Enter passphrase for key '${path}': `,
    } as const;
    const passphrase = await prompt(question, abort);
    if (passphrase === undefined || passphrase === '') return undefined;
    const key = parse(ssh2, text, passphrase);
    if (!(key instanceof Error)) return key;
  }
  return undefined;
};

const encryptedFile = (ssh2: Ssh2, path: string, text: string, publicKey?: ParsedKey): IdentityFile => {
  let unlocking: Promise<ParsedKey | undefined> | undefined;
  return {
    path,
    publicKey,
    locked: true,
    unlock: (prompt, abort) => {
      unlocking ??= askPassphrase(ssh2, path, text, prompt, abort);
      return unlocking;
    },
  };
};

/** Reads one IdentityFile (its path expanded) and its `.pub`. A file that is not there is undefined. */
export const loadIdentityFile = async (ssh2: Ssh2, path: string): Promise<IdentityFileResult> => {
  const [text, publicText] = await Promise.all([read(path), read(`${path}.pub`)]);
  const fido = /^sk-(ssh|ecdsa)/.test(publicText ?? '');
  if (text === undefined) return undefined;
  if (fido) return { skipped: `${path} lives on a FIDO token` };
  const key = parse(ssh2, text);
  if (!(key instanceof Error)) {
    if (!key.isPrivateKey()) return { skipped: `${path} holds no private key` };
    return { identity: { path, publicKey: key, locked: false, unlock: async () => key } };
  }
  if (!/passphrase|encrypted/i.test(key.message)) {
    const blob = publicBlobOfPrivateKey(text);
    if (blob?.includes('sk-')) return { skipped: `${path} lives on a FIDO token` };
    return { skipped: `${path} is of a kind that is not understood` };
  }
  return { identity: encryptedFile(ssh2, path, text, publicOf(ssh2, text, publicText)) };
};
