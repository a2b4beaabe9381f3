import { unlessAborted } from '@ouro/base';
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
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    if (peer.iceGatheringState === 'complete') resolve();
    else if (timer === undefined && peer.localDescription?.sdp.includes('a=candidate:')) {
      timer = setTimeout(resolve, timeoutMs);
    }
  };
  peer.addEventListener('icegatheringstatechange', look);
  peer.addEventListener('icecandidate', look);
  try {
    look();
    await unlessAborted(promise, signal);
  } finally {
    clearTimeout(timer);
    peer.removeEventListener('icegatheringstatechange', look);
    peer.removeEventListener('icecandidate', look);
  }
}
