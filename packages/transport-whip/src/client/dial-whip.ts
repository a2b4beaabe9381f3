import { type Abortable, SignalingError } from '@ouro/signaling';
import { resolveTarget, type WhipTarget } from './target.ts';
import { WhipClient } from './whip-client.ts';
import type { WhipSignaler } from './whip-signaler.ts';

/**
 * Opens a conversation with a WHIP endpoint (RFC 9725). Nothing is sent before the offer is: `send` of it starts the POST, and the
 * answer is the first signal of the iteration. `signal` ends the handshake until the answer has come; after that it has
 * no effect. Runs in a browser too.
 * @throws SignalingError `bad-message` for a target that cannot be one, `aborted`. Later, from the iteration and from `send`:
 * `WhipError` for what a server refuses, `unknown-host`, `refused`, `timeout`, `lost`, `unavailable`, `bad-sdp`, `oversize`
 */
export async function dialWhip(target: WhipTarget, { signal }: Abortable): Promise<WhipSignaler> {
  if (signal.aborted) throw SignalingError.from(signal.reason);
  return new WhipClient(resolveTarget(target), signal);
}
