/** Why something that came in, or was to go out, was dropped. */
export type DropReason =
  /** No STUN, from an address that showed no valid request. */
  | 'unknown-address'
  /** STUN that is no whole Binding request with USERNAME, MESSAGE-INTEGRITY and FINGERPRINT. */
  | 'bad-request'
  /** A request for a ufrag that no session has. */
  | 'unknown-ufrag'
  /** A request made without the session's password. */
  | 'bad-integrity'
  /** A response to nothing that was asked. */
  | 'unknown-response'
  /** A TCP frame longer than its cap. */
  | 'oversize'
  /** A TCP connection without a first frame in time. */
  | 'deadline'
  /** A TCP connection that made place for a newer one. */
  | 'evicted'
  /** A path without a packet for long. */
  | 'idle'
  /** A packet to a peer that does not read. */
  | 'backlog';

/** How often each thing happened since the port was opened. */
export type Drops = Readonly<Partial<Record<DropReason, number>>>;

/** Counts drops. */
export class Counters {
  readonly #drops: Partial<Record<DropReason, number>> = {};

  drop(reason: DropReason): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1;
  }

  /** A copy. */
  read(): Drops {
    return { ...this.#drops };
  }
}
