import {
  type Authorization,
  type Authorizer,
  type Fingerprint,
  FingerprintError,
  fingerprintFromSdp,
} from '@ouro/fingerprint';
import { type Abortable, SignalingError } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_BEARER_CHARS } from './constants.ts';

/** Someone who may connect, and with what certificate. */
export interface Admission extends Authorization {
  readonly fingerprint: Fingerprint;
}

const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of an `Authorization: Bearer` header (RFC 6750 section 2.1); undefined for none and for other schemes. */
export function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization ?? '';
  return header.length > MAX_BEARER_CHARS + 'bearer '.length ? undefined : BEARER.exec(header)?.[1];
}

/** The challenge of a 401: no error code when nothing was presented (RFC 6750 section 3.1). */
export function challenge(request: FastifyRequest, reply: FastifyReply): void {
  const presented = request.headers.authorization !== undefined;
  reply.header('www-authenticate', `Bearer realm="ouro"${presented ? ', error="invalid_token"' : ''}`);
}

/**
 * The one check of who sent an offer. Of the offer itself nothing but its fingerprint is read before.
 * @throws SignalingError `unauthorized`; `bad-sdp` when the offer has no usable fingerprint (and there is no token that might do)
 */
export async function admit(
  authorizer: Authorizer,
  sdp: string,
  bearer: string | undefined,
  options: Abortable,
): Promise<Admission> {
  const read = readFingerprint(sdp);
  if (read instanceof SignalingError && bearer === undefined) throw read;
  const fingerprint = read instanceof SignalingError ? undefined : read;
  const authorization = await authorizer.authorize(
    {
      remote: { kind: 'none' },
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(bearer === undefined ? {} : { bearer }),
    },
    options,
  );
  if (read instanceof SignalingError) throw read;
  return { ...authorization, fingerprint: read };
}

function readFingerprint(sdp: string): Fingerprint | SignalingError {
  try {
    return fingerprintFromSdp(sdp);
  } catch (thrown) {
    if (!(thrown instanceof FingerprintError)) return SignalingError.from(thrown);
    return new SignalingError('bad-sdp', thrown.message, { cause: thrown });
  }
}
