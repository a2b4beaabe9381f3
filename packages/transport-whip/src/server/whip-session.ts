import type { TransportSession } from '@ouro/signaling';

/** The host's hold on one session. */
export interface WhipSession extends TransportSession {
  /** Random; the last part of the session URL. A capability: never log it whole. */
  readonly id: string;
}
