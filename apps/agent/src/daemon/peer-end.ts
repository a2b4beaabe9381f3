import { onAbort } from '@ouro/base';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

/** Why a connected peer is no more. */
export type PeerEnd = 'closed' | 'failed' | 'lost' | 'session-over' | 'stopped';

/** What is watched of a peer. */
export interface WatchedPeer extends Pick<PeerConnectionLike, 'connectionState' | 'iceConnectionState'> {
  addEventListener(type: 'connectionstatechange', listener: () => void): void;
  removeEventListener(type: 'connectionstatechange', listener: () => void): void;
}

/** How long a peer without a path is kept. */
export interface PeerEndOptions {
  /** Milliseconds without a path until the peer is given up. */
  readonly failed: number;
  /** The client can restart ICE: a dead path is not the end yet. */
  readonly restartable: boolean;
}

/**
 * Resolves when a connected peer has ended: it or its session closed, its path failed (of one that cannot be restarted)
 * or was away for `failed`, or the signal fired.
 */
export function untilPeerEnds(
  peer: WatchedPeer,
  session: Promise<void>,
  { failed, restartable }: PeerEndOptions,
  { signal }: { signal: AbortSignal },
): Promise<PeerEnd> {
  const { promise, resolve } = Promise.withResolvers<PeerEnd>();
  let lost: NodeJS.Timeout | undefined;
  const look = () => {
    const { connectionState, iceConnectionState } = peer;
    // Only ICE can be restarted: what failed above it has failed for good.
    const mayReturn = restartable && iceConnectionState === 'failed';
    if (connectionState === 'closed' || (connectionState === 'failed' && !mayReturn)) {
      resolve(connectionState);
    } else if (connectionState === 'connected') {
      clearTimeout(lost);
      lost = undefined;
    } else {
      lost ??= setTimeout(() => resolve('lost'), failed);
    }
  };
  peer.addEventListener('connectionstatechange', look);
  const stop = onAbort(signal, () => resolve('stopped'));
  session.then(
    () => resolve('session-over'),
    () => resolve('session-over'),
  );
  look();
  return promise.finally(() => {
    clearTimeout(lost);
    peer.removeEventListener('connectionstatechange', look);
    stop[Symbol.dispose]();
  });
}
