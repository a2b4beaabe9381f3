import type { Client, ParsedKey } from 'ssh2';

/** What an RSA signature hashes with; other keys have theirs in their type. */
export type RsaHash = 'sha256' | 'sha512';

/** Signs for a key without asking anybody; undefined = it would have to ask, or the key may be the wrong one of many. */
export type SignAtOnce = (
  key: ParsedKey,
) => ((data: Buffer, hash: RsaHash | undefined) => Promise<Buffer>) | undefined;

type AnyFunction = (...args: unknown[]) => unknown;

const isFunction = (value: unknown): value is AnyFunction => typeof value === 'function';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Hash of the RSA signature algorithms (RFC 8332). */
const hashOf = (algorithm: unknown): RsaHash | undefined => {
  if (algorithm === 'rsa-sha2-512') return 'sha512';
  return algorithm === 'rsa-sha2-256' ? 'sha256' : undefined;
};

const isKey = (value: unknown): value is ParsedKey => isObject(value) && 'getPublicSSH' in value;

/** Signs a login at once where that asks nobody, instead of first asking the server whether it takes the key. */
const signWithoutAsking = (protocol: object, signAtOnce: SignAtOnce): void => {
  const authPK: unknown = Reflect.get(protocol, 'authPK');
  if (!isFunction(authPK)) return;
  Reflect.set(protocol, 'authPK', (user: unknown, key: unknown, algorithm: unknown, sign: unknown) => {
    const signer = sign === undefined && isKey(key) ? signAtOnce(key) : undefined;
    if (!signer) return authPK.call(protocol, user, key, algorithm, sign);
    const signing = (data: Buffer, done: (signature: Buffer) => void): void => {
      signer(data, hashOf(algorithm)).then(done, () =>
        authPK.call(protocol, user, key, algorithm, undefined),
      );
    };
    return authPK.call(protocol, user, key, algorithm, signing);
  });
};

/**
 * Saves a round trip of ssh2's login. It reaches into ssh2, whose version is pinned: where anything there has another
 * form, the login goes its usual way. Call it right after `connect`.
 *
 * To send the login right behind the request for the login service would save no other: sshd does not turn Nagle's
 * algorithm off before the session, so its second answer waits for the acknowledgement of the first.
 */
export const saveRoundTrip = (client: Client, signAtOnce: SignAtOnce): void => {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (isObject(protocol)) signWithoutAsking(protocol, signAtOnce);
};
