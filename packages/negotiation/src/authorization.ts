import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { type RemoteIdentity, SignalingError } from '@ouro/signaling';
import { mismatch } from './certificate.ts';
import type { NegotiateOptions } from './options.ts';

/**
 * Whether the owner of `announced`, the offer's certificate, may be answered. A transport that has proven a fingerprint
 * must have proven this one. @throws SignalingError `unauthorized`, `fingerprint-mismatch`
 */
export async function checkAuthorized(
  announced: Fingerprint,
  vouch: RemoteIdentity,
  { authorize, signal }: NegotiateOptions,
): Promise<void> {
  if (vouch.kind === 'fingerprint' && !Fingerprint.parse(vouch.fingerprint).equals(announced)) {
    throw mismatch(`The offer is made for ${announced}, but the other end proved to be ${vouch.fingerprint}`);
  }
  if (authorize !== undefined) {
    await authorize(announced, vouch, { signal });
  } else if (vouch.kind === 'none') {
    throw new SignalingError(
      'unauthorized',
      `Nobody has said that ${announced} may connect. Add it to the authorized fingerprints of this host`,
    );
  }
}
