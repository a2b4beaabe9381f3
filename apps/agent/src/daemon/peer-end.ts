import type { PeerConnectionLike } from '@ouro/peer';
import type { Timeouts } from '../config/config.ts';

/** Why a connected peer is no more. */
export type PeerEnd = 'closed' | 'failed' | 'lost' | 'session-over' | 'stopped';

/**
 * Resolves when a connected peer has ended: it or its session closed, its path failed or stayed disconnected for
 * `timeouts.failed`, or the signal fired.
 */
export function untilPeerEnds(
  peer: PeerConnectionLike,
  session: Promise<void>,
  timeouts: Pick<Timeouts, 'failed'>,
  { signal }: { signal: AbortSignal },
): Promise<PeerEnd> {
  const { promise, resolve } = Promise.withResolvers<PeerEnd>();
  let lost: NodeJS.Timeout | undefined;
  const look = () => {
    const { connectionState } = peer;
    if (connectionState === 'closed' || connectionState === 'failed') resolve(connectionState);
    if (connectionState !== 'disconnected') {
      clearTimeout(lost);
      lost = undefined;
    } else {
      lost ??= setTimeout(() => resolve('lost'), timeouts.failed);
    }
  };
  const onAbort = () => resolve('stopped');
  peer.addEventListener('connectionstatechange', look);
  signal.addEventListener('abort', onAbort, { once: true });
  session.then(
    () => resolve('session-over'),
    () => resolve('session-over'),
  );
  if (signal.aborted) onAbort();
  look();
  return promise.finally(() => {
    clearTimeout(lost);
    peer.removeEventListener('connectionstatechange', look);
    signal.removeEventListener('abort', onAbort);
  });
}
