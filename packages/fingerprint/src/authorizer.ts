import { type Abortable, type RemoteIdentity, SignalingError } from '@ouro/signaling';
import type { Fingerprint } from './fingerprint.ts';

/** Who asks to connect, and what is known of them. */
export interface AuthorizationRequest {
  /** Of the certificate that the offer announces; compared with the one really used after DTLS connects. */
  readonly fingerprint?: Fingerprint;
  /** The HTTP bearer token that came with it (RFC 6750), without the word `Bearer`. */
  readonly bearer?: string;
  /** What the transport itself proved of the far end. */
  readonly remote: RemoteIdentity;
}

/** Someone who may connect. */
export interface Authorization {
  /** What the owner of the host calls them. */
  readonly label?: string;
}

/** Decides who may connect, before any answer to an offer exists. */
export interface Authorizer {
  /**
   * Resolves when the far end may connect. @throws SignalingError `unauthorized` (an `UnauthorizedError`) when not,
   * `internal` when it cannot be known, `aborted`
   */
  authorize(request: AuthorizationRequest, options: Abortable): Promise<Authorization>;
}

/** The refusal: it tells nothing of who else may connect. */
export class UnauthorizedError extends SignalingError {
  /** The fingerprint that the caller presented, if any, in compact form: the user can be told what to let in on the host. */
  readonly presented: string | undefined;

  constructor(presented?: Fingerprint, options?: ErrorOptions) {
    super('unauthorized', refusal(presented), options);
    this.presented = presented?.compact;
  }
}

function refusal(presented: Fingerprint | undefined): string {
  if (presented === undefined) return 'Not authorized: no credential that this host accepts was presented';
  return `The fingerprint ${presented.compact} is not authorized on this host: add it to the host's authorized fingerprints to let it in`;
}
