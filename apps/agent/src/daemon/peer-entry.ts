import type { Peer } from '@ouro/peer';
import type { SessionHost } from '@ouro/session';
import type { PeerStatus } from '../local/protocol.ts';

/** One peer from its offer to its end. */
export interface PeerEntry {
  /** The name of the transport it came by. */
  readonly transport: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly peer: Peer;
  readonly host: SessionHost;
  /** Compact form, once DTLS proved it. */
  fingerprint: string | undefined;
  label: string | undefined;
}

/** An entry as `status` tells it. */
export function toPeerStatus({ peer, host, ...entry }: PeerEntry): PeerStatus {
  const pair = peer.selectedPair();
  const end = ({ address, port, protocol, type }: NonNullable<typeof pair>['local']) => ({
    address,
    port,
    protocol,
    type,
  });
  return {
    fingerprint: entry.fingerprint ?? null,
    label: entry.label ?? null,
    transport: entry.transport,
    state: peer.connectionState,
    since: entry.since,
    pair: pair === undefined ? null : { local: end(pair.local), remote: end(pair.remote) },
    version: host.remote?.version ?? null,
  };
}
