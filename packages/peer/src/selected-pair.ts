import type { CandidatePair, CandidateType, IceCandidate } from '@ouro/ice';

/** One end of the path in use. */
export interface PairEnd {
  readonly type: CandidateType;
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
  /** How our own relay is reached. */
  readonly relayProtocol?: 'udp' | 'tcp' | 'tls';
}

/** The path in use. */
export interface SelectedPair {
  readonly local: PairEnd;
  readonly remote: PairEnd;
  /** Round trip time in milliseconds, once measured. */
  readonly rttMs: number | undefined;
}

export function toSelectedPair(
  { local, remote, rttMs }: CandidatePair,
  srttMs: number | undefined,
): SelectedPair {
  return { local: toEnd(local), remote: toEnd(remote), rttMs: rttMs ?? srttMs };
}

function toEnd({ type, protocol, address, port, relayProtocol }: IceCandidate): PairEnd {
  const end = { type, protocol, address, port };
  return relayProtocol === undefined ? end : { ...end, relayProtocol };
}
