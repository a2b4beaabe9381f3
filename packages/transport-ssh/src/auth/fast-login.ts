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

/**
 * Sends the login right behind the request for the login service, once the server has told its algorithms (RFC 8308),
 * instead of waiting for the word that it may: OpenSSH's server reads its packets in order and always says yes.
 */
const pipelineService = (client: Client, protocol: object, handlers: object): void => {
  const accept: unknown = Reflect.get(handlers, 'SERVICE_ACCEPT');
  const extensions: unknown = Reflect.get(handlers, 'EXT_INFO');
  const service: unknown = Reflect.get(protocol, 'service');
  if (!isFunction(accept) || !isFunction(extensions) || !isFunction(service)) return;
  let asked = false;
  let begun = false;
  const begin = (...args: unknown[]): void => {
    if (!asked || begun) return;
    begun = true;
    accept(...args);
  };
  Reflect.set(handlers, 'SERVICE_ACCEPT', begin);
  Reflect.set(handlers, 'EXT_INFO', (...args: unknown[]) => {
    extensions(...args);
    const version: unknown = Reflect.get(client, '_remoteVer');
    if (typeof version === 'string' && version.startsWith('OpenSSH')) begin(protocol, 'ssh-userauth');
  });
  Reflect.set(protocol, 'service', (name: unknown) => {
    service.call(protocol, name);
    asked = true;
  });
};

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
 * Saves two round trips of ssh2's login. It reaches into ssh2, whose version is pinned: where anything there has
 * another form, the login goes its usual way. Call it right after `connect`.
 */
export const saveRoundTrips = (client: Client, signAtOnce: SignAtOnce): void => {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!isObject(protocol)) return;
  const handlers: unknown = Reflect.get(protocol, '_handlers');
  if (isObject(handlers)) pipelineService(client, protocol, handlers);
  signWithoutAsking(protocol, signAtOnce);
};
