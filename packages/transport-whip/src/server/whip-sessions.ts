import { SignalingError } from '@ouro/signaling';
import { FULL_RETRY_AFTER_S } from './constants.ts';
import { HttpError } from './problem.ts';
import type { ServerSession } from './session.ts';

/** The open sessions, by id and by address. A session that ended is not among them. */
export class WhipSessions {
  readonly #sessions = new Map<string, ServerSession>();
  readonly #perAddress = new Map<string, number>();

  /** How many are open. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The one with this id, or undefined. */
  get(id: string): ServerSession | undefined {
    return this.#sessions.get(id);
  }

  /**
   * Makes and keeps one more until it ends.
   * @throws SignalingError `unavailable` (503) when all are taken, `too-many` (429) when those of this address are
   */
  open(
    address: string,
    limits: { maxSessions: number; maxSessionsPerAddress: number },
    make: () => ServerSession,
  ): ServerSession {
    const retry = { 'retry-after': String(FULL_RETRY_AFTER_S) };
    if (this.size >= limits.maxSessions) {
      throw new HttpError(
        'unavailable',
        `This host has ${limits.maxSessions} sessions, its limit; try again later`,
        503,
        retry,
      );
    }
    const own = this.#perAddress.get(address) ?? 0;
    if (own >= limits.maxSessionsPerAddress) {
      throw new HttpError(
        'too-many',
        `Your address has ${limits.maxSessionsPerAddress} sessions here, its limit; close one or try again later`,
        429,
        retry,
      );
    }
    const session = make();
    this.#sessions.set(session.id, session);
    this.#perAddress.set(address, own + 1);
    session.ended.addEventListener('abort', () => this.#forget(session, address), { once: true });
    return session;
  }

  /** Ends all of them. */
  endAll(reason: SignalingError = new SignalingError('unavailable', 'The host is closing')): void {
    for (const session of [...this.#sessions.values()]) session.end(reason);
  }

  #forget(session: ServerSession, address: string): void {
    this.#sessions.delete(session.id);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
