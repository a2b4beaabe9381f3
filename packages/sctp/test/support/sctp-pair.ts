import { pass, seeded } from '@ouro/test-kit';
import { Association, type SctpError, UNKNOWN_PATH } from '../../src/index.ts';

export interface LinkOptions {
  /** Share of packets that are lost, 0 to 1. */
  loss?: number;
  /** Share of packets that come twice. */
  doubled?: number;
  /** One way, in milliseconds; each packet takes from the first to the second. */
  delayMs?: [number, number];
  seed?: number;
  /** First TSN of both ends. */
  initialTsn?: number;
}

/** One end: an association and everything that it told. */
export class SctpEnd {
  readonly association: Association;
  readonly messages: { streamId: number; ppid: number; data: Buffer }[] = [];
  readonly incomingResets: number[] = [];
  readonly outgoingResets: number[] = [];
  readonly paused = new Set<number>();
  established = 0;
  /** Called when the association takes messages. */
  whenEstablished: () => void = () => {};
  sent = 0;
  acked = 0;
  closed: SctpError | undefined;

  constructor(transmit: (packet: Buffer) => void, { initialTsn }: LinkOptions) {
    this.association = new Association({
      path: UNKNOWN_PATH,
      ...(initialTsn === undefined ? {} : { initialTsn }),
      transmit,
      onEstablished: () => {
        this.established += 1;
        this.whenEstablished();
      },
      onMessage: (streamId, ppid, data) => {
        this.messages.push({ streamId, ppid, data });
        if (this.paused.has(streamId)) this.association.hold(data.length);
      },
      flows: (streamId) => !this.paused.has(streamId),
      onSent: (_, __, bytes) => {
        this.sent += bytes;
      },
      onAcked: () => {
        this.acked += 1;
      },
      onIncomingReset: (ids) => this.incomingResets.push(...ids),
      onOutgoingReset: (ids) => this.outgoingResets.push(...ids),
      onClosed: (error) => {
        this.closed = error;
      },
    });
  }
}

/** Two ends and a link between them. Needs fake timers (`useFakeTime`). */
export class SctpPair {
  readonly a: SctpEnd;
  readonly b: SctpEnd;
  readonly options: LinkOptions;
  packets = 0;
  /** Changes or drops (undefined) what is on its way. */
  onPath: (packet: Buffer, from: 'a' | 'b') => Buffer | undefined = (packet) => packet;
  readonly #random: () => number;

  constructor(options: LinkOptions = {}) {
    this.options = options;
    this.#random = seeded(options.seed ?? 1);
    this.a = new SctpEnd((packet) => this.#transmit(packet, 'a'), options);
    this.b = new SctpEnd((packet) => this.#transmit(packet, 'b'), options);
  }

  static async established(options: LinkOptions = {}): Promise<SctpPair> {
    const pair = new SctpPair(options);
    pair.a.association.start();
    pair.b.association.start();
    for (let i = 0; i < 100 && !(pair.a.established && pair.b.established); i += 1) await pass(500);
    return pair;
  }

  send(streamId: number, data: Buffer | string, from: 'a' | 'b' = 'a', ordered = true): void {
    this[from].association.send(streamId, 53, Buffer.from(data), { ordered });
  }

  close(): void {
    this.a.association.abort();
    this.b.association.abort();
  }

  #transmit(packet: Buffer, from: 'a' | 'b'): void {
    this.packets += 1;
    const { loss = 0, doubled = 0, delayMs: [least, most] = [1, 1] } = this.options;
    const changed = this.onPath(packet, from);
    if (changed === undefined || this.#random() < loss) return;
    const to = from === 'a' ? 'b' : 'a';
    const copies = this.#random() < doubled ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      const delay = least + this.#random() * (most - least);
      setTimeout(() => this[to].association.receive(Buffer.from(changed)), delay);
    }
  }
}
