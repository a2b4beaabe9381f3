import { Fingerprint, fingerprintFromSdp } from '@ouro/fingerprint/fingerprint';
import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';
import { otherEndGone } from './failure.ts';

/** A peer that tells which certificate the far end used in DTLS, as `Peer` does. */
interface TellsFingerprint {
  remoteFingerprint(): Promise<Fingerprint | undefined>;
}

/** The way to the certificate in a browser: `RTCDtlsTransport.getRemoteCertificates`; Firefox has none. */
interface HasSctp {
  readonly sctp: { readonly transport: { getRemoteCertificates?(): ArrayBuffer[] } } | null;
}

/** The fingerprint that a description announces. @throws SignalingError `bad-sdp` */
export function announcedFingerprint(sdp: string): Fingerprint {
  try {
    return fingerprintFromSdp(sdp);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'The fingerprint cannot be read';
    throw new SignalingError('bad-sdp', `${why}. Update the program at the other end`, { cause });
  }
}

/**
 * The fingerprint of the certificate that the far end used in DTLS, once connected. A browser that does not show
 * certificates has itself compared it with the remote description (RFC 8827 section 6.5): then `announced` stands.
 */
export async function presentedFingerprint(
  peer: PeerConnectionLike,
  announced: Fingerprint,
): Promise<Fingerprint> {
  if (tellsFingerprint(peer)) {
    const presented = await peer.remoteFingerprint();
    if (presented !== undefined) return presented;
    if (peer.connectionState !== 'connected') throw otherEndGone();
    throw mismatch('The other end showed no certificate');
  }
  const der = hasSctp(peer) ? peer.sctp?.transport.getRemoteCertificates?.()[0] : undefined;
  return der === undefined ? announced : Fingerprint.fromDer(new Uint8Array(der));
}

/** The error of an end that is not who it should be. */
export function mismatch(what: string): SignalingError {
  return new SignalingError(
    'fingerprint-mismatch',
    `${what}. Somebody may be in between, or the other end has a new identity: compare its fingerprint over a way that you trust`,
  );
}

function tellsFingerprint(peer: object): peer is TellsFingerprint {
  return 'remoteFingerprint' in peer && typeof peer.remoteFingerprint === 'function';
}

function hasSctp(peer: object): peer is HasSctp {
  return 'sctp' in peer;
}
