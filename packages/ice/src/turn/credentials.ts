import { createHmac } from 'node:crypto';

/** Long-term credentials of a TURN server. */
export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
}

/** For whom TURN credentials are, and until when. */
export interface TurnCredentialsInit {
  /** Unix time in seconds. Allocations that are made before outlive it. */
  readonly expiresAt: number;
  /** Whose quota on the server it counts for: letters, digits, `.`, `_`, `-`. */
  readonly id?: string;
}

/**
 * Credentials that a TURN server takes until they expire, made from the secret that it shares with us: coturn's
 * `use-auth-secret`. The server is not asked.
 * @throws RangeError for a time that is no whole number of seconds, or an id with other characters
 */
export function turnCredentials(secret: string, { expiresAt, id }: TurnCredentialsInit): TurnCredentials {
  // The server reads 32 bits: milliseconds would be any time at all.
  if (!Number.isInteger(expiresAt) || expiresAt < 0 || expiresAt > 0xffff_ffff) {
    throw new RangeError(`${expiresAt} is no Unix time in whole seconds`);
  }
  if (id !== undefined && !/^[\w.-]{1,64}$/.test(id)) throw new RangeError('The id has other characters');
  const username = id === undefined ? `${expiresAt}` : `${expiresAt}:${id}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
