import { Peer } from './peer.ts';
import type { PeerOptions } from './peer-options.ts';

/**
 * One WebRTC peer, unconnected.
 * @throws DOMException `SyntaxError`, `InvalidAccessError` or `NotSupportedError` for an ICE server that cannot be used
 */
export async function createPeer(options: PeerOptions): Promise<Peer> {
  return new Peer(options);
}
