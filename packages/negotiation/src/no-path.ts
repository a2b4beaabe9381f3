import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

/** One candidate pair that ICE looked at, for a report of why there is no path. Holds no password. */
export interface PairTried {
  /** `type protocol address:port`, as `host udp 192.0.2.1:5000`; the address may be `hidden`. */
  readonly local: string;
  readonly remote: string;
  /** W3C `RTCStatsIceCandidatePairState`. */
  readonly state: string;
}

/** Most pairs named in a failure: enough to see a pattern, short enough to print. */
const MAX_PAIRS_NAMED = 20;

/** Most causes looked through for one: an error of ours has two or three. */
const MAX_CAUSES = 8;

/** ICE found no candidate pair that works. The cause of a SignalingError `ice-failed`. */
export class NoPathError extends Error {
  override readonly name = 'NoPathError';
  readonly code = 'no-path';
  /** At most 20, in the order in which the peer tells of them. */
  readonly pairs: readonly PairTried[];

  constructor(pairs: readonly PairTried[]) {
    super(pairs.map(formatPairTried).join('; ') || 'No candidate pair');
    this.pairs = pairs;
  }
}

/** The pairs that were tried before this was thrown: those of the NoPathError among its causes; none without one. */
export function pairsTried(thrown: unknown): readonly PairTried[] {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    if (error instanceof NoPathError) return error.pairs;
    error = error.cause;
  }
  return [];
}

/** One pair in words: `host udp 192.0.2.1:5000 -> srflx udp 198.51.100.1:6000: failed`. */
export function formatPairTried({ local, remote, state }: PairTried): string {
  return `${local} -> ${remote}: ${state}`;
}

/** `ice-failed` with a NoPathError as its cause. */
export async function iceFailed(peer: PeerConnectionLike): Promise<SignalingError> {
  const cause = new NoPathError(await pairsOf(peer).catch(() => []));
  return new SignalingError(
    'ice-failed',
    'No network path to the other end was found. A firewall may drop UDP; try another network',
    { cause },
  );
}

async function pairsOf(peer: PeerConnectionLike): Promise<PairTried[]> {
  const entries = new Map<string, Record<string, unknown>>();
  (await peer.getStats()).forEach((value, id) => {
    if (isRecord(value)) entries.set(id, value);
  });
  const address = (id: unknown): string => {
    const candidate = entries.get(String(id)) ?? {};
    const { candidateType, protocol, port } = candidate;
    return `${candidateType} ${protocol} ${candidate.address ?? candidate.ip ?? 'hidden'}:${port}`;
  };
  return [...entries.values()]
    .filter((entry) => entry.type === 'candidate-pair')
    .slice(0, MAX_PAIRS_NAMED)
    .map((pair) => ({
      local: address(pair.localCandidateId),
      remote: address(pair.remoteCandidateId),
      state: String(pair.state),
    }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
