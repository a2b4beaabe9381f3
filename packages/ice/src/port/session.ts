import type { StunMessage } from '@ouro/stun';
import type { Remote } from './address.ts';
import type { DropReason } from './counters.ts';
import type { Endpoint, PortEndpoint } from './endpoint.ts';

/** ICE credentials of one generation (RFC 8839 section 5.4). */
export interface SessionCredentials {
  /** Unique on the port: have 48 random bits or more. */
  readonly ufrag: string;
  readonly pwd: string;
}

/**
 * Takes what comes for a session: Binding requests made with its password, responses to its requests, and all else from
 * addresses that showed such a request. The packet is the receiver's own. `proven`: it is a Binding request, decoded here,
 * whose FINGERPRINT is right and whose MESSAGE-INTEGRITY is made with the session's password. Must not throw.
 */
export type OnPacket = (packet: Buffer, remote: Remote, endpoint: PortEndpoint, proven?: StunMessage) => void;

/** A session as its paths see it. */
export interface PortSession {
  readonly credentials: SessionCredentials;
  readonly onPacket: OnPacket;
  /** A proven UDP address joins; the one that was silent longest goes when they are too many. */
  addPath(path: Path): void;
  removePath(path: Path): void;
  /** A TCP connection whose first request was proven joins; the one that was silent longest goes. */
  addConnection(connection: Connection): void;
  removeConnection(connection: Connection): void;
}

/** A far end that has proven itself to sessions, as they see it. */
export interface Path {
  readonly endpoint: Endpoint;
  readonly remote: Remote;
  /** When its last packet came, milliseconds of the clock. */
  readonly heardAt: number;
  /** Nothing of it is for this session any more. */
  leave(session: PortSession): void;
}

/** A path that is a TCP connection. */
export interface Connection extends Path {
  /** Sends one packet. False: dropped, as the peer does not read or is gone. */
  send(packet: Buffer): boolean;
  /** Closes and counts why. */
  drop(reason: DropReason): void;
}
