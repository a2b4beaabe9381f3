import type { IceCandidate } from './candidate.ts';
import type { IceSocket } from './socket.ts';

/** W3C `RTCStatsIceCandidatePairState`. */
export type PairState = 'waiting' | 'in-progress' | 'succeeded' | 'failed';

/** One way from here to there. */
export interface CandidatePair {
  readonly id: string;
  readonly socket: IceSocket;
  readonly local: IceCandidate;
  remote: IceCandidate;
  priority: number;
  state: PairState;
  /** The controlling side wants this one: it becomes the selected one as soon as it has succeeded. */
  nominated: boolean;
  /** Milliseconds, of the last answered request. */
  rttMs: number | undefined;
  bytesSent: number;
  bytesReceived: number;
}

export interface PairInit extends Pick<CandidatePair, 'socket' | 'local' | 'remote'> {
  readonly controlling: boolean;
}

/** A pair that waits for its check. `id` is its own among those of the connection. */
export function newPair(id: string, { controlling, ...ends }: PairInit): CandidatePair {
  return {
    id,
    ...ends,
    priority: pairPriority(ends.local, ends.remote, controlling),
    state: 'waiting',
    nominated: false,
    rttMs: undefined,
    bytesSent: 0,
    bytesReceived: 0,
  };
}

/** RFC 8445 section 6.1.2.3; a float keeps the order as far as it matters. */
export function pairPriority(local: IceCandidate, remote: IceCandidate, controlling: boolean): number {
  const [g, d] = controlling ? [local.priority, remote.priority] : [remote.priority, local.priority];
  return 2 ** 32 * Math.min(g, d) + 2 * Math.max(g, d) + (g > d ? 1 : 0);
}
