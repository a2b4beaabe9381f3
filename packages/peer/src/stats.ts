import type { CandidatePair, IceCandidate, IceTransport } from '@ouro/ice';

/** One entry of a stats report (W3C webrtc-stats); only the members that are known are there. */
export interface Stats {
  readonly id: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly [name: string]: unknown;
}

/** Pairs, candidates and the transport, by id. */
export function statsOf(ice: IceTransport): Map<string, Stats> {
  const timestamp = Date.now();
  const { localCandidates, remoteCandidates, pairs, selected } = ice.current;
  const entries = [
    {
      id: 'transport',
      type: 'transport',
      timestamp,
      iceState: ice.state,
      selectedCandidatePairId: selected?.id,
      bytesSent: ice.bytes.sent,
      bytesReceived: ice.bytes.received,
    },
    ...localCandidates.map((candidate) => candidateStats('local-candidate', candidate, timestamp)),
    ...remoteCandidates.map((candidate) => candidateStats('remote-candidate', candidate, timestamp)),
    ...pairs.map((pair) => pairStats(pair, pair === selected, timestamp)),
  ];
  return new Map(entries.map((entry) => [entry.id, entry]));
}

function candidateId(kind: string, { address, port, protocol, tcpType }: IceCandidate): string {
  return `${kind} ${protocol} ${tcpType ?? ''} ${address} ${port}`;
}

function candidateStats(kind: string, candidate: IceCandidate, timestamp: number): Stats {
  const { address, port, protocol, priority, type: candidateType } = candidate;
  return {
    id: candidateId(kind, candidate),
    type: kind,
    timestamp,
    address,
    port,
    protocol,
    priority,
    candidateType,
  };
}

function pairStats(pair: CandidatePair, selected: boolean, timestamp: number): Stats {
  const { id, state, nominated, bytesSent, bytesReceived, rttMs } = pair;
  return {
    id,
    type: 'candidate-pair',
    timestamp,
    localCandidateId: candidateId('local-candidate', pair.local),
    remoteCandidateId: candidateId('remote-candidate', pair.remote),
    state,
    nominated,
    selected,
    bytesSent,
    bytesReceived,
    // Seconds, as the W3C has it.
    currentRoundTripTime: rttMs === undefined ? undefined : rttMs / 1000,
  };
}
