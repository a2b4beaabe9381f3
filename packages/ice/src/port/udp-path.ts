import type { Remote } from './address.ts';
import type { IceSession } from './ice-session.ts';
import { PathOwners } from './path-owners.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

/** A remote UDP address that has shown a valid request of a session. */
export class UdpPath {
  readonly endpoint: UdpEndpoint;
  readonly remote: Remote;
  /** When its last packet came, milliseconds of the clock. */
  heardAt = 0;
  readonly #owners = new PathOwners();

  constructor(endpoint: UdpEndpoint, remote: Remote) {
    this.endpoint = endpoint;
    this.remote = remote;
  }

  /** The address has proven itself to the session. */
  prove(session: IceSession): void {
    this.#owners.add(session)?.removePath(this);
    session.addPath(this);
  }

  /** Gives a packet to all that the address has proven itself to. */
  deliver(packet: Buffer): void {
    for (const session of this.#owners.sessions) session.onPacket(packet, this.remote, this.endpoint);
  }

  leave(session: IceSession): void {
    this.#owners.remove(session);
    session.removePath(this);
    if (this.#owners.none) this.endpoint.forget(this);
  }

  /** Nothing but a new valid request lets packets of the address in again. */
  forget(): void {
    for (const session of this.#owners.sessions) this.leave(session);
    this.endpoint.forget(this);
  }
}
