import type { Clock } from '@ouro/base';
import type { IceTransport } from '@ouro/ice';
import { type SelectedPair, toSelectedPair } from './selected-pair.ts';
import type { Transport } from './transport.ts';

/** How long `measureRtt` waits unless told, in milliseconds: longer than any path on which one could type. */
export const RTT_TIMEOUT_MS = 3000;

/** What is known of the path in use, and of those before it. */
export interface PathQuality {
  /** The path; undefined before there is one. */
  readonly pair: SelectedPair | undefined;
  /** Milliseconds since the far end was heard on it. An idle path is asked every 2 s. */
  readonly silentMs: number;
  /** Encrypted bytes over all paths so far. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** SCTP chunks that were sent more than once. */
  readonly retransmissions: number;
}

export function qualityOf({ ice, channels }: Transport): PathQuality {
  const { selected, bytes, current } = ice;
  return {
    pair: selected && toSelectedPair(selected, channels.srttMs),
    silentMs: current.silentMs,
    bytesSent: bytes.sent,
    bytesReceived: bytes.received,
    retransmissions: channels.retransmissions,
  };
}

/** One round trip, in milliseconds; undefined if it took longer than `timeoutMs`. */
export function measureRtt(
  ice: IceTransport,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  // The generation may be replaced meanwhile: then nobody answers.
  const endTimer = clock.after(timeoutMs, () => resolve(undefined));
  ice.current.ping(timeoutMs, (rttMs) => {
    endTimer();
    resolve(rttMs);
  });
  return promise;
}
