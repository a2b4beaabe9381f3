import type { Random, Runtime } from '@ouro/base';
import { type ManualClock, seeded, seededBytes } from '@ouro/test-kit';
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

interface EndInit extends Runtime {
  readonly transmit: (packet: Buffer) => void;
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

  constructor({ clock, random, transmit }: EndInit, { initialTsn }: LinkOptions) {
    this.association = new Association({
      clock,
      random,
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

/** Two ends and a link between them, on one clock. What they do depends on the seed alone. */
export class SctpPair {
  readonly a: SctpEnd;
  readonly b: SctpEnd;
  readonly clock: ManualClock;
  readonly options: LinkOptions;
  packets = 0;
  /** Changes or drops (undefined) what is on its way. */
  onPath: (packet: Buffer, from: 'a' | 'b') => Buffer | undefined = (packet) => packet;
  readonly #random: () => number;

  constructor(clock: ManualClock, options: LinkOptions = {}) {
    const { seed = 1 } = options;
    this.clock = clock;
    this.options = options;
    this.#random = seeded(seed);
    const end = (name: 'a' | 'b', random: Random): SctpEnd =>
      new SctpEnd({ clock, random, transmit: (packet) => this.#transmit(packet, name) }, options);
    this.a = end('a', seededBytes(2 * seed));
    this.b = end('b', seededBytes(2 * seed + 1));
  }

  static async established(clock: ManualClock, options: LinkOptions = {}): Promise<SctpPair> {
    const pair = new SctpPair(clock, options);
    pair.a.association.start();
    pair.b.association.start();
    for (let i = 0; i < 100 && !(pair.a.established && pair.b.established); i += 1) await clock.advance(500);
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
      this.clock.after(delay, () => this[to].association.receive(Buffer.from(changed)));
    }
  }
}
