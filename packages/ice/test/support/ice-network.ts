import type { Runtime } from '@ouro/base';
import { sameAddress, type TransportAddress } from '@ouro/base/node';
import { type ManualClock, seededBytes } from '@ouro/test-kit';
import type { IceCandidate } from '../../src/candidate.ts';
import { IceAgent, type IceAgentOptions, type IceSocket, type IceSocketSource } from '../../src/index.ts';
import type { CandidatePair } from '../../src/pair.ts';

export interface Packet {
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly datagram: Buffer;
}

interface Bound {
  readonly socket: IceSocket;
  readonly receive: (datagram: Buffer, from: TransportAddress) => void;
}

/** A network in memory: sockets by address, datagrams after a delay. */
export class IceNetwork {
  /** Of all that are on it. */
  readonly runtime: Runtime;
  readonly #bound: Bound[] = [];
  #nextPort = 1000;
  delayMs = 5;
  readonly log: Packet[] = [];
  /** What reaches its end: by default everything. */
  passes: (packet: Packet) => boolean = () => true;
  /** What the receiver sees as the sender's address: a NAT may change it. */
  seenFrom: (packet: Packet) => TransportAddress = ({ from }) => from;

  constructor(clock: ManualClock, seed = 1) {
    this.runtime = { clock, random: seededBytes(seed) };
  }

  get openSockets(): number {
    return this.#bound.length;
  }

  source(...addresses: string[]): IceSocketSource {
    return {
      open: async ({ onDatagram }, onSocket) => {
        for (const address of addresses) {
          const local = { address, port: this.#nextPort };
          this.#nextPort += 1;
          const socket: IceSocket = {
            local,
            send: (datagram, to) => this.deliver({ from: local, to, datagram }),
            close: () => {
              this.#bound.splice(this.#bound.indexOf(bound), 1);
            },
          };
          const bound = {
            socket,
            receive: (datagram: Buffer, from: TransportAddress) => onDatagram(socket, datagram, from),
          };
          this.#bound.push(bound);
          onSocket(socket);
        }
      },
    };
  }

  deliver(packet: Packet): void {
    this.log.push(packet);
    if (!this.passes(packet)) return;
    this.runtime.clock.after(this.delayMs, () => {
      const target = this.#bound.find(({ socket }) => sameAddress(socket.local, packet.to));
      target?.receive(Buffer.from(packet.datagram), this.seenFrom(packet));
    });
  }
}

/** An agent and what it told. */
export class IceEnd {
  readonly agent: IceAgent;
  readonly candidates: IceCandidate[] = [];
  readonly states: string[] = [];
  readonly selected: CandidatePair[] = [];
  readonly received: string[] = [];

  constructor({ runtime }: IceNetwork, source: IceSocketSource, options: Partial<IceAgentOptions> = {}) {
    this.agent = new IceAgent({
      ...runtime,
      sources: [source],
      servers: () => ({ stun: [], turn: [] }),
      onCandidate: (candidate) => this.candidates.push(candidate),
      onState: (state) => this.states.push(state),
      onSelected: (pair) => this.selected.push(pair),
      onData: (datagram) => this.received.push(datagram.toString()),
      ...options,
    });
  }

  /** Gives all own candidates to the other end, and the other's credentials to this one. */
  know(other: IceEnd): void {
    this.agent.start(other.agent.local);
    for (const candidate of other.candidates) this.agent.addRemoteCandidate(candidate);
  }
}
