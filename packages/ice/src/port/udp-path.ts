import type { Remote } from './address.ts';
import type { DatagramEndpoint } from './endpoint.ts';
import { PathOwners } from './path-owners.ts';
import type { Path, PortSession } from './session.ts';

/** A remote UDP address that has shown a valid request of a session. */
export class UdpPath implements Path {
  readonly endpoint: DatagramEndpoint;
  readonly remote: Remote;
  /** When its last packet came, milliseconds of the clock. */
  heardAt = 0;
  readonly #owners = new PathOwners();
  readonly #onForgotten: (path: UdpPath) => void;

  /** `onForgotten`: nobody has it any more. */
  constructor(endpoint: DatagramEndpoint, remote: Remote, onForgotten: (path: UdpPath) => void) {
    this.endpoint = endpoint;
    this.remote = remote;
    this.#onForgotten = onForgotten;
  }

  /** The address has proven itself to the session. */
  prove(session: PortSession): void {
    this.#owners.add(session)?.removePath(this);
    session.addPath(this);
  }

  /** Gives a packet to all that the address has proven itself to. */
  deliver(packet: Buffer): void {
    for (const session of this.#owners.sessions) session.onPacket(packet, this.remote, this.endpoint);
  }

  leave(session: PortSession): void {
    this.#owners.remove(session);
    session.removePath(this);
    if (this.#owners.none) this.#onForgotten(this);
  }

  /** Nothing but a new valid request lets packets of the address in again. */
  forget(): void {
    for (const session of this.#owners.sessions) this.leave(session);
    this.#onForgotten(this);
  }
}
