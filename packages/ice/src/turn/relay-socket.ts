import type { Clock } from '@ouro/base';
import type { TransportAddress } from '@ouro/base/node';
import { decodeStun, decodeXorAddress, encodeXorAddress, STUN_ATTRIBUTE, type StunMessage } from '@ouro/stun';
import type { TurnServer } from '../ice-servers.ts';
import type { IceSocket, OnDatagram, RelayPath } from '../socket.ts';
import {
  CHANNEL_RENEW_MS,
  DATA_INDICATION,
  DEFAULT_LIFETIME_S,
  FIRST_CHANNEL,
  MAX_LIFETIME_S,
  MAX_RELAY_PEERS,
  MAX_RELAY_PENDING,
  MIN_LIFETIME_S,
  RENEW_SHARE,
  TURN_ATTRIBUTE,
  TURN_METHOD,
} from './constants.ts';
import type { TurnClient } from './turn-client.ts';
import type { TurnWire } from './wire.ts';

export interface RelayParts {
  readonly clock: Clock;
  readonly server: TurnServer;
  readonly local: TransportAddress;
  readonly answer: StunMessage;
  readonly wire: TurnWire;
  readonly client: TurnClient;
  readonly onDatagram: OnDatagram;
}

/** One far address and its channel. */
interface RelayPeer {
  readonly address: TransportAddress;
  readonly channel: number;
  bound: boolean;
  pending: Buffer[];
}

/** Sends and receives at the relayed address. Every far address gets a channel, which is its permission too. */
export class RelaySocket implements IceSocket {
  readonly local: TransportAddress;
  readonly relay: RelayPath;
  readonly #parts: RelayParts;
  readonly #peers = new Map<string, RelayPeer>();
  readonly #byChannel = new Map<number, RelayPeer>();
  readonly #timers = new Set<() => void>();
  #closed = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.local = parts.local;
    const { attributes, transactionId } = parts.answer;
    const mapped = decodeXorAddress(attributes.get(STUN_ATTRIBUTE.xorMappedAddress), transactionId);
    this.relay = { related: mapped ?? parts.wire.socket.local, protocol: parts.server.transport };
    this.#renewAllocation(parts.answer);
  }

  send(datagram: Buffer, to: TransportAddress): void {
    const peer = this.#closed ? undefined : this.#peer(to);
    if (peer === undefined) return;
    if (peer.bound) this.#sendOn(peer, datagram);
    else if (peer.pending.length < MAX_RELAY_PENDING) peer.pending.push(datagram);
  }

  /** Another pair is in use: the server has its relay back. */
  settle(remote: TransportAddress | undefined): void {
    if (remote === undefined) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const endTimer of this.#timers) endTimer();
    const { client, wire } = this.#parts;
    client.stop();
    client.deallocate();
    wire.socket.close();
  }

  /** Something of the server came: ChannelData, a Data indication, or an answer. */
  receive(message: Buffer): void {
    if (this.#closed || message.length < 4) return;
    const first = message.readUInt16BE(0);
    if (first >= FIRST_CHANNEL && first < 2 * FIRST_CHANNEL) {
      const peer = this.#byChannel.get(first);
      const end = 4 + message.readUInt16BE(2);
      if (peer !== undefined && end <= message.length) this.#give(message.subarray(4, end), peer.address);
      return;
    }
    const read = decodeStun(message);
    if (read?.type === DATA_INDICATION) this.#indication(read);
    else if (read !== undefined) this.#parts.client.receive(read);
  }

  #indication({ attributes, transactionId }: StunMessage): void {
    const from = decodeXorAddress(attributes.get(TURN_ATTRIBUTE.xorPeerAddress), transactionId);
    const data = attributes.get(TURN_ATTRIBUTE.data);
    if (from !== undefined && data !== undefined) this.#give(data, from);
  }

  #give(datagram: Buffer, from: TransportAddress): void {
    this.#parts.onDatagram(this, datagram, from);
  }

  #sendOn({ channel }: RelayPeer, datagram: Buffer): void {
    const header = Buffer.alloc(4);
    header.writeUInt16BE(channel, 0);
    header.writeUInt16BE(datagram.length, 2);
    const { socket, server } = this.#parts.wire;
    socket.send(Buffer.concat([header, datagram]), server);
  }

  #peer(address: TransportAddress): RelayPeer | undefined {
    const key = `${address.address} ${address.port}`;
    const known = this.#peers.get(key);
    if (known !== undefined || this.#peers.size >= MAX_RELAY_PEERS) return known;
    const peer = { address, channel: FIRST_CHANNEL + this.#peers.size, bound: false, pending: [] };
    this.#peers.set(key, peer);
    this.#byChannel.set(peer.channel, peer);
    this.#bind(peer);
    return peer;
  }

  /** Binds the channel, and again before it and its permission end (RFC 8656 section 12). */
  #bind(peer: RelayPeer): void {
    this.#later(CHANNEL_RENEW_MS, () => this.#bind(peer));
    this.#parts.client.request(TURN_METHOD.channelBind, channelAttributes(peer)).then((answer) => {
      const pending = peer.pending.splice(0);
      peer.bound ||= 'attributes' in answer;
      if (peer.bound && !this.#closed) for (const datagram of pending) this.#sendOn(peer, datagram);
    });
  }

  #renewAllocation({ attributes }: StunMessage): void {
    const told = attributes.get(TURN_ATTRIBUTE.lifetime);
    const seconds = told?.length === 4 ? told.readUInt32BE(0) : DEFAULT_LIFETIME_S;
    this.#later(1000 * RENEW_SHARE * Math.min(Math.max(seconds, MIN_LIFETIME_S), MAX_LIFETIME_S), () => {
      this.#parts.client.request(TURN_METHOD.refresh, []).then((answer) => {
        // Without an answer the relay ends by itself, and the consent over it with it.
        if ('attributes' in answer && !this.#closed) this.#renewAllocation(answer);
      });
    });
  }

  #later(ms: number, task: () => void): void {
    const endTimer = this.#parts.clock.after(ms, () => {
      this.#timers.delete(endTimer);
      task();
    });
    this.#timers.add(endTimer);
  }
}

/**
 * The address and the channel are written for the transaction id that the request will have: XOR-PEER-ADDRESS of IPv4
 * depends on the cookie alone, and relayed addresses are IPv4.
 */
function channelAttributes({ address, channel }: RelayPeer) {
  const number = Buffer.alloc(4);
  number.writeUInt16BE(channel, 0);
  return [
    { type: TURN_ATTRIBUTE.channelNumber, value: number },
    { type: TURN_ATTRIBUTE.xorPeerAddress, value: encodeXorAddress(address, '0'.repeat(24)) },
  ];
}
