import type { UdpPath } from './udp-path.ts';

/** The paths of a socket by remote address; by port first, which costs no new text for each packet. */
export class PathTable {
  readonly #byPort = new Map<number, Map<string, UdpPath>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(address: string, port: number): UdpPath | undefined {
    return this.#byPort.get(port)?.get(address);
  }

  /** Adds a path whose address is not there. */
  add(path: UdpPath): void {
    const { address, port } = path.remote;
    const samePort = this.#byPort.get(port) ?? new Map<string, UdpPath>();
    this.#byPort.set(port, samePort.set(address, path));
    this.#size++;
  }

  /** Takes a path out; one that is not there changes nothing. */
  delete(path: UdpPath): void {
    const { address, port } = path.remote;
    const samePort = this.#byPort.get(port);
    if (samePort?.get(address) !== path) return;
    samePort.delete(address);
    if (samePort.size === 0) this.#byPort.delete(port);
    this.#size--;
  }

  /** A copy, so that paths may go while it is read. */
  all(): UdpPath[] {
    return [...this.#byPort.values()].flatMap((samePort) => [...samePort.values()]);
  }
}
