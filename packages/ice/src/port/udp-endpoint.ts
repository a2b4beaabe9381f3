import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { packetKind, transactionKey } from '@ouro/stun';
import { literalLookup } from '../literal-lookup.ts';
import { type Remote, withoutZone } from './address.ts';
import { UDP_RECEIVE_BUFFER_BYTES, UDP_SEND_BUFFER_BYTES } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { DatagramEndpoint } from './endpoint.ts';
import { fromSystem } from './errors.ts';
import { PathTable } from './path-table.ts';
import type { PortSession } from './session.ts';
import { UdpPath } from './udp-path.ts';

/** One UDP socket for all peers: tells whose each packet is. */
export class UdpEndpoint implements DatagramEndpoint {
  readonly transport = 'udp';
  readonly address: string;
  readonly #socket: Socket;
  readonly #context: IcePortContext;
  readonly #paths = new PathTable();
  #port = 0;

  private constructor(context: IcePortContext, address: string) {
    this.#context = context;
    this.address = address;
    this.#socket = createSocket(
      isIPv6(address)
        ? { type: 'udp6', ipv6Only: true, lookup: literalLookup(6) }
        : { type: 'udp4', lookup: literalLookup(4) },
    );
    this.#socket.on('message', this.#receive);
  }

  /** Binds one socket; `port` 0 takes a free one. @throws IcePortError */
  static async open(context: IcePortContext, address: string, port: number): Promise<UdpEndpoint> {
    const endpoint = new UdpEndpoint(context, address);
    try {
      // Before the bind: with a look-up that answers at once both events come at once.
      const listening = once(endpoint.#socket, 'listening');
      endpoint.#socket.bind({ address, port, exclusive: true });
      await listening;
    } catch (error) {
      endpoint.#socket.close();
      throw fromSystem(`UDP port ${port} of ${address}`, error);
    }
    endpoint.#opened();
    return endpoint;
  }

  #opened(): void {
    this.#port = this.#socket.address().port;
    this.#socket.on('error', (err) => this.#context.logger.warn({ err, address: this.address }, 'UDP error'));
    this.#socket.setRecvBufferSize(UDP_RECEIVE_BUFFER_BYTES);
    this.#socket.setSendBufferSize(UDP_SEND_BUFFER_BYTES);
  }

  get port(): number {
    return this.#port;
  }

  /** Remote addresses known. */
  get pathCount(): number {
    return this.#paths.size;
  }

  send(packet: Uint8Array, { address, port }: Remote, sent: () => void): boolean {
    try {
      this.#socket.send(packet, port, address, sent);
      return true;
    } catch {
      // Port 0, or a socket that was closed: a candidate of the far end may say anything.
      return false;
    }
  }

  /** Forgets the addresses that were silent since `since` (milliseconds of the clock). */
  forgetIdle(since: number): void {
    for (const path of this.#paths.all()) {
      if (path.heardAt >= since) continue;
      this.#context.counters.drop('idle');
      path.forget();
    }
  }

  async close(): Promise<void> {
    for (const path of this.#paths.all()) path.forget();
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  readonly #receive = (packet: Buffer, { address, port }: RemoteInfo): void => {
    const kind = packetKind(packet);
    if (kind === 'request') this.#receiveRequest(packet, { address: withoutZone(address), port });
    else if (kind === 'response') this.#receiveResponse(packet, { address: withoutZone(address), port });
    // An indication is a keepalive (RFC 8445 section 11); nobody signs it, so it keeps nothing alive.
    else if (kind === 'data') this.#receiveData(packet, this.#paths.find(withoutZone(address), port));
  };

  #receiveRequest(packet: Buffer, from: Remote): void {
    const proven = this.#context.registry.authenticate(packet);
    if (typeof proven === 'string') {
      this.#context.counters.drop(proven);
      return;
    }
    const { session, message } = proven;
    const path = this.#paths.find(from.address, from.port) ?? this.#newPath(from);
    path.heardAt = this.#context.clock.now();
    path.prove(session);
    session.onPacket(packet, path.remote, this, message);
  }

  #newPath(from: Remote): UdpPath {
    const path = new UdpPath(this, from, (forgotten) => this.#paths.delete(forgotten));
    this.#paths.add(path);
    return path;
  }

  #receiveResponse(packet: Buffer, from: Remote): void {
    const path = this.#paths.find(from.address, from.port);
    if (path !== undefined) path.heardAt = this.#context.clock.now();
    const asker = this.#asker(packet);
    if (asker !== undefined) asker.onPacket(packet, from, this);
    else if (path !== undefined) path.deliver(packet);
    else this.#context.counters.drop('unknown-response');
  }

  #receiveData(packet: Buffer, path: UdpPath | undefined): void {
    if (path === undefined) {
      this.#context.counters.drop('unknown-address');
      return;
    }
    path.heardAt = this.#context.clock.now();
    path.deliver(packet);
  }

  /** Who asked, before the address had shown anything: a STUN server, a peer that has not spoken first. */
  #asker(response: Buffer): PortSession | undefined {
    const asked = this.#context.registry.transaction(transactionKey(response));
    return asked?.endpoint === this ? asked.session : undefined;
  }
}
