import type { Abortable, Answer, Offer, Signaler } from '@ouro/signaling';
import type { IceServer } from '../shared/ice-server.ts';

/**
 * The client's end of a WHIP conversation. A WHIP server says one thing, its answer: the iteration ends after it, as soon
 * as the candidates gathered so far were delivered. What goes wrong later is thrown by the next `send`.
 *
 * The session lives on the server and outlives the conversation: it is what
 * ends the connection (DELETE) and what restarts ICE, so
 * - `close()` without a reason sends the candidates that are still held and leaves the session, and the connection, alone;
 * - `close(reason)`, and closing before the answer came, end the session;
 * - `terminate()` ends the session, also after `close()`.
 */
export interface WhipSignaler extends Signaler {
  readonly trickle: 'offerer';
  /** What the server announced with its answer (RFC 9725 section 4.6); empty before it. */
  readonly iceServers: readonly IceServer[];
  /** Known once the answer came. A capability: whoever has it can end the session. */
  readonly sessionUrl: string | undefined;
  /**
   * Restarts ICE on the server: `offer` is the peer's new one after `restartIce()`, the result the answer to set on it. Candidates
   * gathered later are given to `send` again, also after `close()`. A newer restart replaces one that waits.
   * @throws SignalingError `invalid-state` without a session, `unprocessable` when the server cannot, `aborted`, and what the transport meets;
   * the old ICE session goes on then
   */
  restart(offer: Offer, options: Abortable): Promise<Answer>;
  /** Ends the session and with it the connection. Twice is once. @throws SignalingError what the transport meets */
  terminate(options: Abortable): Promise<void>;
}
