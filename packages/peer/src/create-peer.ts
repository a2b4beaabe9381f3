import type { Identity } from '@ouro/fingerprint';
import { Peer } from './peer.ts';

/** One entry of W3C `RTCConfiguration.iceServers`. */
export interface IceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

export interface PeerOptions {
  /** Who this peer is: the certificate it shows in DTLS. */
  identity: Identity;
  /** STUN and TURN servers. Nothing is asked that is not named here. */
  iceServers: IceServer[];
  /** Only 127.0.0.1 and ::1, for a peer of the same machine. */
  loopbackOnly?: boolean;
  /** Lowest and highest UDP port to bind. */
  portRange?: [min: number, max: number];
  /** Only these local addresses, instead of those of all interfaces. */
  interfaceAddresses?: string[];
  /** Milliseconds without an answer to a consent check until the path counts as lost (RFC 7675). */
  consentTimeoutMs?: number;
}

/** One WebRTC peer, unconnected. */
export async function createPeer(options: PeerOptions): Promise<Peer> {
  return new Peer(options);
}
