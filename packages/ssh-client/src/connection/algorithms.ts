import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';
import type { SshConfig } from '../config/ssh-config.ts';
import type { KnownHost } from '../known-hosts/lookup.ts';

/** Host key algorithms of ssh2 worth having, fastest first; SHA-1 and DSA only when the user's own list names them. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];
const WEAK_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = ['ssh-rsa', 'ssh-dss'];

const typeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);

/**
 * The host key algorithms to ask for: those of the keys we know first, so that a known ed25519 key is compared
 * with the host's ed25519 key and never with another one that merely happens to be preferred.
 */
const hostKeyAlgorithms = (config: SshConfig, known: readonly KnownHost[]): ServerHostKeyAlgorithm[] => {
  const wanted = config.hostKeyAlgorithms;
  const allowed =
    wanted.length === 0
      ? [...HOST_KEYS]
      : wanted.flatMap((name) => [...HOST_KEYS, ...WEAK_HOST_KEYS].filter((algorithm) => algorithm === name));
  const types = new Set(known.filter((line) => line.marker === undefined).map((line) => line.keyType));
  const isKnown = (algorithm: string): boolean => types.has(typeOf(algorithm));
  return [...allowed.filter(isKnown), ...allowed.filter((algorithm) => !isKnown(algorithm))];
};

/**
 * What is offered, fastest first. The groups 15, 17 and 18 of ssh2's own list cost up to a second of arithmetic
 * and no server has only them; AES-GCM needs no MAC of its own.
 */
export const algorithmsFor = (config: SshConfig, known: readonly KnownHost[]): Algorithms => ({
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: hostKeyAlgorithms(config, known),
  compress: config.compression ? ['zlib@openssh.com', 'none'] : ['none', 'zlib@openssh.com'],
});
