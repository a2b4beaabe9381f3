import type { Abortable } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';

/**
 * Resolves when the local description has all candidates, or `timeoutMs` after the first one came: a path that is
 * there need not wait for a server that does not answer. @throws the signal's reason
 */
export async function gathered(
  peer: PeerConnectionLike,
  { timeoutMs, signal }: Abortable & { timeoutMs: number },
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    if (peer.iceGatheringState === 'complete') resolve();
    else if (timer === undefined && peer.localDescription?.sdp.includes('a=candidate:')) {
      timer = setTimeout(resolve, timeoutMs);
    }
  };
  const abort = (): void => reject(signal.reason);
  peer.addEventListener('icegatheringstatechange', look);
  peer.addEventListener('icecandidate', look);
  signal.addEventListener('abort', abort, { once: true });
  try {
    look();
    await promise;
  } finally {
    clearTimeout(timer);
    peer.removeEventListener('icegatheringstatechange', look);
    peer.removeEventListener('icecandidate', look);
    signal.removeEventListener('abort', abort);
  }
}
