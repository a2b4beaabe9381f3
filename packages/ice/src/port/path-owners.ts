import type { PortSession } from './session.ts';

/** An ICE restart has two generations on one address for a while. */
const MAX_OWNERS = 2;

/**
 * The sessions that a remote address has proven itself to, the latest first. What it sends goes to each: both
 * generations of a restart take data until the new pair is nominated, and a stranger's data is nothing to DTLS.
 */
export class PathOwners {
  #sessions: readonly PortSession[] = [];

  get sessions(): readonly PortSession[] {
    return this.#sessions;
  }

  get none(): boolean {
    return this.#sessions.length === 0;
  }

  has(session: PortSession): boolean {
    return this.#sessions.includes(session);
  }

  /** Adds a session that the address has just proven itself to. @returns the one that has to go for it, if any */
  add(session: PortSession): PortSession | undefined {
    const others = this.#sessions.filter((other) => other !== session);
    this.#sessions = [session, ...others.slice(0, MAX_OWNERS - 1)];
    return others[MAX_OWNERS - 1];
  }

  remove(session: PortSession): void {
    this.#sessions = this.#sessions.filter((other) => other !== session);
  }
}
