import type { Peer } from '@ouro/peer';
import { type Candidate, type EndOfCandidates, SignalingError } from '@ouro/signaling';

/** Gives a peer the candidates that come after a restart's offer, until they end. One that it refuses is told and passed over. */
export function followCandidates(
  peer: Pick<Peer, 'addIceCandidate'>,
  candidates: AsyncIterable<Candidate | EndOfCandidates>,
  onRefused: (error: { readonly code: string; readonly reason: string }) => void,
): void {
  const refused = (thrown: unknown): void => {
    const { code, message } = SignalingError.from(thrown);
    onRefused({ code, reason: message });
  };
  const follow = async (): Promise<void> => {
    for await (const signal of candidates) {
      if (signal.type === 'end-of-candidates') continue;
      const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = signal;
      await peer.addIceCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment }).catch(refused);
    }
  };
  follow().catch(refused);
}
