import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type Authorization,
  type AuthorizationRequest,
  type Authorizer,
  UnauthorizedError,
} from './authorizer.ts';
import { MAX_TOKEN_CHARS, MAX_TOKENS, MIN_TOKEN_CHARS } from './constants.ts';
import { FingerprintError } from './errors.ts';
import { Fingerprint } from './fingerprint.ts';

/** A secret that lets its holder in. */
export interface BearerToken {
  /** At least 128 random bits, for example `openssl rand -base64 24`. */
  readonly token: string;
  readonly label?: string;
}

/**
 * Lets in who sends one of its tokens (RFC 6750). It knows nothing of fingerprints, and nothing that knows fingerprints
 * looks at tokens: fingerprints are public, so one that is taken for a token lets anybody in.
 */
export class BearerAuthorizer implements Authorizer {
  readonly #known: readonly { hash: Buffer; authorization: Authorization }[];

  /** @throws FingerprintError `bad-token`, `oversize` */
  constructor(tokens: readonly BearerToken[]) {
    if (tokens.length > MAX_TOKENS) {
      throw new FingerprintError(
        'oversize',
        `There are ${tokens.length} bearer tokens; at most ${MAX_TOKENS} are taken`,
      );
    }
    this.#known = tokens.map(({ token, label }) => ({
      hash: hashToken(checked(token)),
      authorization: label === undefined ? {} : { label },
    }));
  }

  /** @throws UnauthorizedError */
  async authorize({ bearer, fingerprint }: AuthorizationRequest): Promise<Authorization> {
    if (bearer === undefined || bearer.length > MAX_TOKEN_CHARS) throw new UnauthorizedError(fingerprint);
    const presented = hashToken(bearer);
    let found: Authorization | undefined;
    // All are compared, so that the time does not tell which one was close.
    for (const { hash, authorization } of this.#known) {
      if (timingSafeEqual(hash, presented)) found ??= authorization;
    }
    if (found === undefined) throw new UnauthorizedError(fingerprint);
    return found;
  }
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function checked(token: string): string {
  if (token.length < MIN_TOKEN_CHARS || token.length > MAX_TOKEN_CHARS) {
    throw new FingerprintError(
      'bad-token',
      `A bearer token must have ${MIN_TOKEN_CHARS} to ${MAX_TOKEN_CHARS} characters; make one with: openssl rand -base64 24`,
    );
  }
  if (looksLikeFingerprint(token)) {
    throw new FingerprintError(
      'bad-token',
      'A bearer token must not have the form of a fingerprint: fingerprints are public; make one with: openssl rand -base64 24',
    );
  }
  return token;
}

function looksLikeFingerprint(token: string): boolean {
  try {
    Fingerprint.parse(token);
    return true;
  } catch {
    return false;
  }
}
