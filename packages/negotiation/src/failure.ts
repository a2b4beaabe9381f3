import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

/** One candidate pair that ICE looked at, for a report of why there is no path. Holds no password. */
export interface PairTried {
  readonly local: string;
  readonly remote: string;
  /** W3C `RTCStatsIceCandidatePairState`. */
  readonly state: string;
}

/** Most pairs named in a failure: enough to see a pattern, short enough to print. */
const MAX_PAIRS_NAMED = 20;

/** `ice-failed` with the pairs that were tried as its cause: `error.cause.pairs`. */
export async function iceFailed(peer: PeerConnectionLike): Promise<SignalingError> {
  const pairs = await triedPairs(peer).catch(() => []);
  const cause = Object.assign(new Error(pairs.map(pairText).join('; ') || 'No candidate pair'), { pairs });
  return new SignalingError(
    'ice-failed',
    'No network path to the other end was found. A firewall may drop UDP; try another network',
    { cause },
  );
}

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

function pairText({ local, remote, state }: PairTried): string {
  return `${local} -> ${remote}: ${state}`;
}

async function triedPairs(peer: PeerConnectionLike): Promise<PairTried[]> {
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
