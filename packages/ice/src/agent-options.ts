import type { RuntimeOptions } from '@ouro/base';
import type { GathererOptions } from './gatherer.ts';
import type { CandidatePair } from './pair.ts';

/** W3C `RTCIceTransportState`, without `completed`. */
export type IceState = 'new' | 'checking' | 'connected' | 'disconnected' | 'failed' | 'closed';

/** What an agent is given: where its sockets and servers come from, and who hears what it finds. */
export interface IceAgentOptions
  extends RuntimeOptions,
    Pick<GathererOptions, 'sources' | 'servers' | 'onCandidate' | 'onServerError'> {
  /** Milliseconds without an answer until consent has expired (RFC 7675); default 12,000. */
  readonly consentTimeoutMs?: number;
  readonly onState: (state: IceState) => void;
  /** A path, or another one, is in use from now on. */
  readonly onSelected: (pair: CandidatePair) => void;
  /** A datagram that is not STUN, over a pair whose check has succeeded. */
  readonly onData: (datagram: Buffer) => void;
}
