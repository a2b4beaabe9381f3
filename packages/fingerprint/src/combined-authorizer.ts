import { type Abortable, SignalingError } from '@ouro/signaling';
import {
  type Authorization,
  type AuthorizationRequest,
  type Authorizer,
  UnauthorizedError,
} from './authorizer.ts';

/** Lets in whom the transport logged in already: SSH has asked for a key or password. */
export class LoginAuthorizer implements Authorizer {
  async authorize({ fingerprint, remote }: AuthorizationRequest): Promise<Authorization> {
    if (remote.kind !== 'login') throw new UnauthorizedError(fingerprint);
    return { label: remote.user };
  }
}

/**
 * Lets in whom any of the given ones lets in, asked in their order. One that fails does not keep the others from letting
 * somebody in; if nobody does, its failure is what is thrown, since the refusal may be wrong.
 */
export function anyOf(...authorizers: Authorizer[]): Authorizer {
  return {
    authorize: (request, options) => firstThatAllows(authorizers, request, options),
  };
}

async function firstThatAllows(
  authorizers: readonly Authorizer[],
  request: AuthorizationRequest,
  options: Abortable,
): Promise<Authorization> {
  let failure: SignalingError | undefined;
  for (const authorizer of authorizers) {
    try {
      return await authorizer.authorize(request, options);
    } catch (thrown) {
      const error = SignalingError.from(thrown);
      if (error.code === 'aborted' || error.code === 'timeout') throw error;
      if (error.code !== 'unauthorized') failure ??= error;
    }
  }
  throw failure ?? new UnauthorizedError(request.fingerprint);
}
