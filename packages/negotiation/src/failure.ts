import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

/** The other end went away after a path was found: it ended, or its network did. Says nothing of who it was. */
export function otherEndGone(cause?: Error): SignalingError {
  return new SignalingError(
    'lost',
    'The other end went away before the connection was made: it was ended, or its network was; try again',
    { cause },
  );
}

/**
 * Why there was a path but no encrypted session: `lost` if the path has failed meanwhile, `timeout` if the far end went silent, else `fingerprint-mismatch`, since
 * DTLS fails only over who the other end is. A stack that does not tell more counts as the latter.
 */
export function dtlsFailed(peer: PeerConnectionLike): SignalingError {
  const cause = 'failure' in peer && peer.failure instanceof Error ? peer.failure : undefined;
  const code = cause !== undefined && 'code' in cause ? cause.code : undefined;
  if (cause === undefined && peer.iceConnectionState === 'failed') return otherEndGone();
  if (code === 'timeout') {
    return new SignalingError(
      'timeout',
      'The other end stopped answering in the encrypted handshake; try again',
      {
        cause,
      },
    );
  }
  if (code === 'alert') {
    const refused =
      'The other end refused this connection in the encrypted handshake: it expects another certificate than ours. Somebody may be in between';
    return new SignalingError('fingerprint-mismatch', refused, { cause });
  }
  return new SignalingError(
    'fingerprint-mismatch',
    'The other end could not prove that it owns the certificate it announced. Somebody may be in between: compare fingerprints over a way that you trust',
    { cause },
  );
}
