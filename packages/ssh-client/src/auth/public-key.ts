const MAGIC = 'openssh-key-v1\0';

const readString = (bytes: Buffer, at: number): { value: Buffer; next: number } | undefined => {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  const next = at + 4 + length;
  return next > bytes.length ? undefined : { value: bytes.subarray(at + 4, next), next };
};

/**
 * The public key that OpenSSH's private key format keeps in clear in front of the encrypted part (PROTOCOL.key):
 * with it a host can be asked whether it takes the key before the passphrase is needed. Never throws.
 *
 * @returns the public key blob of RFC 4253 section 6.6, or undefined when the file is of another format
 */
export const publicBlobOfPrivateKey = (pem: string): Buffer | undefined => {
  const match =
    /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(pem);
  if (!match?.[1]) return undefined;
  const bytes = Buffer.from(match[1], 'base64');
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return undefined;
  let at = MAGIC.length;
  // Cipher, KDF and its options stand in front of the number of keys.
  for (let skip = 0; skip < 3; skip++) {
    const field = readString(bytes, at);
    if (!field) return undefined;
    at = field.next;
  }
  const blob = readString(bytes, at + 4);
  return blob && blob.value.length > 0 ? blob.value : undefined;
};
