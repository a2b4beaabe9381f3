import { Deadline } from '@ouro/base';
import { type Signaler, SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';
import { NEGOTIATE_TIMEOUT_MS } from './constants.ts';
import { Negotiation } from './negotiation.ts';
import type { Negotiated, NegotiateOptions } from './options.ts';

/**
 * Connects `peer` with the peer at the other end of `signaler`: descriptions, candidates, ICE, DTLS, and the proof
 * that the certificate in use is the one that was signalled. One function for both roles and every transport. On success
 * the signaler stays open and is no longer read; on failure the peer is closed and the signaler told why.
 * @throws SignalingError `unauthorized`, `fingerprint-mismatch`, `bad-sdp`, `bad-candidate`, `too-many`,
 * `invalid-state`, `ice-failed`, `timeout`, `aborted`, or what the transport met
 */
export async function negotiate(
  peer: PeerConnectionLike,
  signaler: Signaler,
  options: NegotiateOptions,
): Promise<Negotiated> {
  using deadline = new Deadline(options.signal, options.timeoutMs ?? NEGOTIATE_TIMEOUT_MS);
  const negotiation = new Negotiation(peer, signaler, { ...options, signal: deadline.signal });
  try {
    return await negotiation.run();
  } catch (thrown) {
    const error = deadline.expired ? tookTooLong(thrown) : SignalingError.from(thrown);
    peer.close();
    await signaler.close(error);
    throw error;
  } finally {
    negotiation.stop();
  }
}

function tookTooLong(thrown: unknown): SignalingError {
  if (thrown instanceof SignalingError && thrown.code !== 'aborted' && thrown.code !== 'timeout')
    return thrown;
  return new SignalingError(
    'timeout',
    'The connection was not made in time. Check that both ends are online and try again',
    { cause: thrown },
  );
}
