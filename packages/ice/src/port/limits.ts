import {
  FIRST_FRAME_TIMEOUT_MS,
  MAX_ADDRESSES_PER_SESSION,
  MAX_PENDING_PER_ADDRESS,
  MAX_PENDING_SOCKETS,
  MAX_SESSIONS,
  MAX_SOCKETS_PER_SESSION,
  MAX_TRANSACTIONS_PER_SESSION,
  MAX_UDP_QUEUE_PACKETS,
  MAX_WRITE_BACKLOG_BYTES,
  PATH_IDLE_MS,
} from './constants.ts';

/** The caps of a port; `constants.ts` says why they have the values they have. */
export interface IcePortLimits {
  /** Sessions. */
  readonly sessions: number;
  /** TCP connections without a valid first frame, in all. */
  readonly pendingSockets: number;
  /** The same from one remote address (one /64 of IPv6). */
  readonly pendingPerAddress: number;
  /** Milliseconds for the first frame. */
  readonly firstFrameMs: number;
  /** Attached TCP connections of one session. */
  readonly socketsPerSession: number;
  /** Remote UDP addresses of one session. */
  readonly addressesPerSession: number;
  /** STUN requests of one session that wait for an answer. */
  readonly transactionsPerSession: number;
  /** Bytes not yet written on one TCP connection. */
  readonly writeBacklogBytes: number;
  /** Packets of one session not yet taken by the kernel. */
  readonly udpQueuePackets: number;
  /** Milliseconds of silence after which a path is forgotten. */
  readonly pathIdleMs: number;
}

/** The caps of a port that is given none. */
export const DEFAULT_LIMITS: IcePortLimits = {
  sessions: MAX_SESSIONS,
  pendingSockets: MAX_PENDING_SOCKETS,
  pendingPerAddress: MAX_PENDING_PER_ADDRESS,
  firstFrameMs: FIRST_FRAME_TIMEOUT_MS,
  socketsPerSession: MAX_SOCKETS_PER_SESSION,
  addressesPerSession: MAX_ADDRESSES_PER_SESSION,
  transactionsPerSession: MAX_TRANSACTIONS_PER_SESSION,
  writeBacklogBytes: MAX_WRITE_BACKLOG_BYTES,
  udpQueuePackets: MAX_UDP_QUEUE_PACKETS,
  pathIdleMs: PATH_IDLE_MS,
};
