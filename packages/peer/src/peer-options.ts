import type { RuntimeOptions } from '@ouro/base';
import type { Identity } from '@ouro/fingerprint';
import type { IceServer, IceSocketSource } from '@ouro/ice';
import type { IcePort } from '@ouro/ice/port';

/** What a peer is made of. */
export interface PeerOptions extends RuntimeOptions {
  /** Who this peer is: the certificate it shows in DTLS. */
  identity: Identity;
  /** STUN and TURN servers. Nothing is asked that is not named here. */
  iceServers: IceServer[];
  /** Only 127.0.0.1 and ::1, for a peer of the same machine. */
  loopbackOnly?: boolean;
  /** Lowest and highest UDP port to bind. */
  portRange?: [min: number, max: number];
  /** Only these local addresses, the best first, instead of those of all interfaces. */
  interfaceAddresses?: string[];
  /** Milliseconds without an answer to a consent check until the path counts as lost (RFC 7675); default 12,000. */
  consentTimeoutMs?: number;
  /** The port that all peers of this process share: this peer opens no socket of its own. */
  icePort?: IcePort;
  /** Whether TCP candidates of the far end are dialed, for when UDP does not get through; default true without `icePort`. */
  activeTcp?: boolean;
  /** Where sockets come from, instead of UDP sockets of this peer's own. */
  iceSockets?: IceSocketSource[];
}
