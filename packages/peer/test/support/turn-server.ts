import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { TransportAddress } from '@ouro/base/node';
import {
  decodeStun,
  decodeXorAddress,
  encodeStun,
  encodeXorAddress,
  hasIntegrity,
  type StunAttribute,
  type StunMessage,
  uint32Attribute,
} from '@ouro/stun';

const METHOD = { allocate: 3, refresh: 4, channelBind: 9 };
const USER = { username: 'me', credential: 'secret', realm: 'test' };
const KEY = createHash('md5').update(`${USER.username}:${USER.realm}:${USER.credential}`).digest();

interface Allocation {
  readonly client: RemoteInfo;
  readonly relay: Socket;
  readonly channels: Map<number, TransportAddress>;
}

/** As much of a TURN server on loopback as one test needs: UDP, one user, channels. */
export class TurnServer implements AsyncDisposable {
  readonly #socket = createSocket('udp4');
  readonly #allocations = new Map<string, Allocation>();
  nonce = 'first';
  /** Allocations that were made. */
  made = 0;

  static async start(): Promise<TurnServer> {
    const server = new TurnServer();
    await bound(server.#socket);
    server.#socket.on('message', (message, from) => void server.#receive(message, from));
    return server;
  }

  get allocations(): number {
    return this.#allocations.size;
  }

  iceServer(credential = USER.credential): { urls: string; username: string; credential: string } {
    return { urls: `turn:127.0.0.1:${this.#socket.address().port}`, username: USER.username, credential };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { relay } of this.#allocations.values()) relay.close();
    this.#socket.close();
  }

  async #receive(message: Buffer, from: RemoteInfo): Promise<void> {
    const allocation = this.#allocations.get(`${from.port}`);
    if ((message[0] ?? 0) >>> 6 === 1) {
      const peer = allocation?.channels.get(message.readUInt16BE(0));
      if (peer)
        allocation?.relay.send(message.subarray(4, 4 + message.readUInt16BE(2)), peer.port, peer.address);
      return;
    }
    const request = decodeStun(message);
    if (request === undefined) return;
    if (request.attributes.get(0x0015)?.toString() !== this.nonce) {
      this.#answer(request, from, 0x110, this.#challenge(request.attributes.has(0x0015) ? 38 : 1));
    } else if (!hasIntegrity(request, KEY)) this.#answer(request, from, 0x110, this.#challenge(1));
    else if (request.type === METHOD.allocate) await this.#allocate(request, from);
    else if (allocation !== undefined) this.#manage(request, from, allocation);
  }

  async #allocate(request: StunMessage, client: RemoteInfo): Promise<void> {
    const relay = createSocket('udp4');
    await bound(relay);
    const allocation: Allocation = { client, relay, channels: new Map() };
    this.#allocations.set(`${client.port}`, allocation);
    this.made += 1;
    relay.on('message', (data, from) => this.#relayed(allocation, data, from));
    const xor = (type: number, address: TransportAddress): StunAttribute => ({
      type,
      value: encodeXorAddress(address, request.transactionId),
    });
    this.#answer(request, client, 0x100, [
      xor(0x0016, { address: '127.0.0.1', port: relay.address().port }),
      xor(0x0020, { address: '127.0.0.1', port: client.port }),
      uint32Attribute(0x000d, 600),
    ]);
  }

  #manage(request: StunMessage, from: RemoteInfo, { relay, channels }: Allocation): void {
    const number = request.attributes.get(0x000c)?.readUInt16BE(0);
    const peer = decodeXorAddress(request.attributes.get(0x0012), request.transactionId);
    if (request.type === METHOD.channelBind && number !== undefined && peer !== undefined)
      channels.set(number, peer);
    if (request.type === METHOD.refresh && request.attributes.get(0x000d)?.readUInt32BE(0) === 0) {
      relay.close();
      this.#allocations.delete(`${from.port}`);
    }
    this.#answer(request, from, 0x100, []);
  }

  #relayed({ client, channels }: Allocation, data: Buffer, from: RemoteInfo): void {
    const channel = [...channels].find(([, peer]) => peer.port === from.port)?.[0];
    if (channel === undefined) return;
    const header = Buffer.alloc(4);
    header.writeUInt16BE(channel, 0);
    header.writeUInt16BE(data.length, 2);
    this.#socket.send(Buffer.concat([header, data]), client.port, client.address);
  }

  #challenge(code: number): StunAttribute[] {
    return [
      { type: 0x0009, value: Buffer.from([0, 0, 4, code]) },
      { type: 0x0014, value: Buffer.from(USER.realm) },
      { type: 0x0015, value: Buffer.from(this.nonce) },
    ];
  }

  #answer(request: StunMessage, to: RemoteInfo, kind: number, attributes: StunAttribute[]): void {
    const key = kind === 0x100 ? KEY : undefined;
    this.#socket.send(
      encodeStun(request.type | kind, request.transactionId, attributes, key),
      to.port,
      to.address,
    );
  }
}

async function bound(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
}
