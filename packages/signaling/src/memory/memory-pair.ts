import type { IceServer } from '@ouro/webrtc-types';
import type { RemoteIdentity, Signaler } from '../signaler.ts';
import type { Trickle } from '../trickle.ts';
import type { MemorySession } from './memory-session.ts';
import { MemorySignaler, RestartableSignaler } from './memory-signaler.ts';
import { type StartTimer, startPlatformTimer } from './timers.ts';
import { MemoryWire } from './wire.ts';

/** Options of the memory transport. Its messages are never lost and never reordered. */
export interface MemoryOptions {
  /** Who may trickle; `both` unless told. */
  readonly trickle?: Trickle;
  /** One-way latency in ms; 0 unless told. */
  readonly latencyMs?: number;
  /** Where latency comes from; the platform's timers unless told. */
  readonly startTimer?: StartTimer;
  /** What the transport vouches for at the host (the answerer); nothing unless told. The client is told nothing. */
  readonly remote?: RemoteIdentity;
  /** What the host announces; nothing unless told. */
  readonly iceServers?: readonly IceServer[];
}

/** A linked pair of Signalers: what one sends the other one receives. The first is the offerer's. */
export function memoryPair(options: MemoryOptions = {}): [offerer: Signaler, answerer: Signaler] {
  const [near, far] = wirePair(options);
  return [clientEnd(near, options), hostEnd(far, options)];
}

/** The two ends of a wire of these options; `onEnd` is called when it was closed or broke. */
export function wirePair(
  { latencyMs = 0, startTimer = startPlatformTimer }: MemoryOptions,
  onEnd?: () => void,
): [MemoryWire, MemoryWire] {
  return MemoryWire.pair({ latencyMs, startTimer }, onEnd);
}

/** The offerer's Signaler at this end of a wire. */
export function clientEnd(
  wire: MemoryWire,
  { trickle = 'both', iceServers = [] }: MemoryOptions,
  session?: MemorySession,
): Signaler {
  const end = { role: 'offerer', trickle, remote: { kind: 'none' }, iceServers } as const;
  return session === undefined ? new MemorySignaler(wire, end) : new RestartableSignaler(wire, end, session);
}

/** The answerer's Signaler at this end of a wire. */
export function hostEnd(wire: MemoryWire, { trickle = 'both', remote }: MemoryOptions): Signaler {
  return new MemorySignaler(wire, { role: 'answerer', trickle, remote: remote ?? { kind: 'none' } });
}
