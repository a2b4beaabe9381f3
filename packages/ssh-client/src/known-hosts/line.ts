import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Longest line of a known_hosts file read, in characters: an RSA-16384 key is 2,800. Longer ones are skipped. */
const MAX_KNOWN_HOSTS_LINE = 16 * 1024;

/** What stands in front of a line (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type Marker = 'revoked' | 'cert-authority' | undefined;

/** One key of a known_hosts file. */
export interface KnownHostLine {
  readonly marker: Marker;
  /** The first field: comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  /** Key type, as `ssh-ed25519`. */
  readonly keyType: string;
  /** The public key blob (RFC 4253 section 6.6). */
  readonly key: Uint8Array;
}

const MARKERS: Readonly<Record<string, Marker>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'cert-authority',
};

/** One line; undefined for blank lines, comments and what is no key. Never throws. */
export const parseKnownHostLine = (line: string): KnownHostLine | undefined => {
  if (line.length > MAX_KNOWN_HOSTS_LINE) return undefined;
  const fields = line.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) return undefined;
  const marked = first.startsWith('@');
  // A marker of tomorrow may take meaning away from a line: such a line is not a plain key.
  if (marked && !Object.hasOwn(MARKERS, first)) return undefined;
  const [hosts, keyType, base64] = marked ? fields.slice(1) : fields;
  if (!hosts || !keyType || !base64) return undefined;
  const key = Buffer.from(base64, 'base64');
  if (keyTypeOf(key) !== keyType) return undefined;
  return { marker: marked ? MARKERS[first] : undefined, hosts, keyType, key };
};

/** The type a public key blob says it is: its first string (RFC 4253 section 6.6). */
export const keyTypeOf = (key: Uint8Array): string | undefined => {
  if (key.length < 4) return undefined;
  const length = Buffer.from(key.buffer, key.byteOffset, key.length).readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  return new TextDecoder('latin1').decode(key.subarray(4, 4 + length));
};

/** A pattern of ssh (`*` and `?`) against a name, without a regular expression that a long pattern could stall. */
const matchesPattern = (pattern: string, name: string): boolean => {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
};

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt. */
const matchesHashed = (hosts: string, name: string): boolean => {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
};

/** Whether a line is about this name: `host`, or `[host]:port` when the port is not 22. Lower case. */
export const lineMatches = (line: KnownHostLine, name: string): boolean => {
  if (line.hosts.startsWith('|')) return matchesHashed(line.hosts, name);
  let found = false;
  for (const pattern of line.hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
};

/** How OpenSSH shows a key: `SHA256:` and base64 without padding. */
export const fingerprintOf = (key: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
