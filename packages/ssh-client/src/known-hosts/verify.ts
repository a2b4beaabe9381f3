import type { Abortable } from '@ouro/signaling';
import type { SshConfig, StrictHostKeyChecking } from '../config/ssh-config.ts';
import { SshError } from '../errors.ts';
import type { SshPrompt } from '../prompt.ts';
import { fingerprintOf, keyTypeOf } from './line.ts';
import type { KnownHost } from './lookup.ts';

/** What is known of a host before its key is seen. */
export interface HostKeyPolicy {
  /** The name its keys are filed under: `host`, `[host]:port`, or HostKeyAlias. */
  readonly name: string;
  readonly known: readonly KnownHost[];
  readonly strict: StrictHostKeyChecking;
  /** False in batch mode or without anybody to ask. */
  readonly prompt: SshPrompt | undefined;
  /** Files an accepted key. */
  remember(key: Uint8Array): Promise<void>;
}

/** The name a host's keys are filed under (ssh: a HostKeyAlias stands as it is, else `[host]:port` unless the port is 22). */
export const knownHostName = (config: SshConfig): string => {
  if (config.hostKeyAlias) return config.hostKeyAlias.toLowerCase();
  const host = config.hostName.toLowerCase();
  return config.port === 22 ? host : `[${host}]:${config.port}`;
};

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

const where = (host: KnownHost): string =>
  host.lineNumber > 0 ? `${host.file}:${host.lineNumber}` : host.file;

const revoked = (name: string, key: Uint8Array, line: KnownHost): SshError =>
  new SshError(
    'host-key-revoked',
    `THE KEY OF ${name} IS REVOKED (${where(line)}). ${keyTypeOf(key)} ${fingerprintOf(key)} must not be trusted: ` +
      'someone may be pretending to be this host. Nothing was sent. Ask who runs it for its new key.',
  );

const changed = (name: string, key: Uint8Array, line: KnownHost): SshError =>
  new SshError(
    'host-key-changed',
    `THE KEY OF ${name} HAS CHANGED. It now shows ${keyTypeOf(key)} ${fingerprintOf(key)}, but ${where(line)} has ` +
      `${fingerprintOf(line.key)}. Someone may be listening in, or the host was installed anew. Nothing was sent. ` +
      `If who runs it confirms the new key, forget the old one with: ssh-keygen -R '${name}' -f ${line.file}`,
  );

const unknown = (name: string, key: Uint8Array, why: string): SshError =>
  new SshError(
    'host-key-unknown',
    `The key of ${name} is not known: ${keyTypeOf(key)} ${fingerprintOf(key)}, and ${why}. ` +
      "Compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then connect once and say yes.",
  );

const certificateOnly = (name: string, line: KnownHost): SshError =>
  new SshError(
    'unsupported',
    `${name} is trusted through a certificate authority (${where(line)}), which this SSH client does not know. ` +
      'Use the one of the system: --ssh-program ssh',
  );

const ask = async (policy: HostKeyPolicy, key: Uint8Array, othersKnown: boolean, abort: Abortable) => {
  const fingerprint = fingerprintOf(key);
  if (!policy.prompt) throw unknown(policy.name, key, 'there is nobody to ask');
  const answer = await policy.prompt(
    {
      kind: 'host-key',
      echo: true,
      text:
        `The authenticity of host '${policy.name}' can't be established.\n` +
        `${keyTypeOf(key)} key fingerprint is ${fingerprint}.\n` +
        (othersKnown
          ? 'WARNING: keys of another type are known for this host, and it did not show one of them.\n'
          : '') +
        'Are you sure you want to continue connecting (yes/no/[fingerprint])? ',
    },
    abort,
  );
  const word = answer?.trim() ?? '';
  if (word.toLowerCase() !== 'yes' && word !== fingerprint)
    throw unknown(policy.name, key, 'it was not accepted');
};

/**
 * Accepts or refuses the key a host has just proved. A revoked or changed key is refused whatever
 * StrictHostKeyChecking says; an unknown one is asked about, taken or refused as it says.
 *
 * @throws SshError `host-key-revoked`, `host-key-changed`, `host-key-unknown`, `unsupported`
 */
export const verifyHostKey = async (
  policy: HostKeyPolicy,
  key: Uint8Array,
  abort: Abortable,
): Promise<void> => {
  const type = keyTypeOf(key);
  const revocation = policy.known.find((line) => line.marker === 'revoked' && same(line.key, key));
  if (revocation) throw revoked(policy.name, key, revocation);
  const plain = policy.known.filter((line) => line.marker === undefined);
  if (plain.some((line) => same(line.key, key))) return;
  const other = plain.find((line) => line.keyType === type);
  if (other) throw changed(policy.name, key, other);
  const authority = policy.known.find((line) => line.marker === 'cert-authority');
  if (authority && plain.length === 0) throw certificateOnly(policy.name, authority);
  await acceptUnknown(policy, key, plain, abort);
};

const acceptUnknown = async (
  policy: HostKeyPolicy,
  key: Uint8Array,
  plain: readonly KnownHost[],
  abort: Abortable,
): Promise<void> => {
  const first = plain[0];
  if (policy.strict === 'yes') throw unknown(policy.name, key, 'StrictHostKeyChecking is yes');
  // A host that hides the key we know behind one we do not is not new: nobody but the user may take it.
  if (first && policy.strict !== 'ask') throw changed(policy.name, key, first);
  if (policy.strict === 'ask') await ask(policy, key, first !== undefined, abort);
  await policy.remember(key);
};
