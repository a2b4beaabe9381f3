import { setTimeout as delay } from 'node:timers/promises';
import type { ExchangeRestart } from '@ouro/negotiation';
import type { Peer } from '@ouro/peer';
import type { SessionError } from '@ouro/session';
import type { Session } from '@ouro/session/client';
import { type Signaler, SignalingError } from '@ouro/signaling';
import { GOODBYE_MS } from '../constants.ts';

/** A session with a host, and the peer under it. Disposing closes both. */
export class Connection implements AsyncDisposable {
  readonly session: Session;
  readonly peer: Peer;
  /** Brings an offer that restarts ICE to the far end; undefined if the transport that made the connection cannot. */
  readonly restart: ExchangeRestart | undefined;
  readonly #signaler: Pick<Signaler, 'close'>;
  readonly #lost = new AbortController();

  /** @param signaler is closed with it */
  constructor(
    session: Session,
    peer: Peer,
    signaler: Pick<Signaler, 'close'>,
    restart: ExchangeRestart | undefined,
  ) {
    this.session = session;
    this.peer = peer;
    this.restart = restart;
    this.#signaler = signaler;
    const check = () => {
      const { connectionState, iceConnectionState } = peer;
      // When ICE alone has failed, it can be restarted: whoever keeps the path says when it is over.
      const isOver = connectionState === 'failed' && iceConnectionState !== 'failed';
      if (isOver || connectionState === 'closed')
        this.giveUp(session.farewell ?? new SignalingError('lost', 'The far end is gone'));
    };
    peer.addEventListener('connectionstatechange', check);
    check();
  }

  /** The far end cannot be reached any more. The first reason stays. */
  giveUp(reason: SignalingError | SessionError): void {
    this.#lost.abort(reason);
  }

  /** Fires when the far end is gone for good: with a SignalingError `lost`, or a SessionError `stopped` if it said so. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Says goodbye, for a short while: the far end notices a client that is gone by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    const goodbye = this.#close().finally(() => over.abort());
    await Promise.race([
      goodbye,
      delay(GOODBYE_MS, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
  }

  async #close(): Promise<void> {
    await this.session.close();
    await Promise.allSettled([this.peer[Symbol.asyncDispose](), this.#signaler.close()]);
  }
}
