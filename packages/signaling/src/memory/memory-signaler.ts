import type { IceServer } from '@ouro/webrtc-types';
import { throwIfAborted } from '../abortable.ts';
import { jsonLineCodec } from '../codec/index.ts';
import { SignalingError } from '../errors.ts';
import type { Answer, Offer, Signal } from '../signal.ts';
import type { Abortable, RemoteIdentity, Signaler } from '../signaler.ts';
import type { Trickle } from '../trickle.ts';
import { mayTrickle, type Role } from '../trickle.ts';
import type { MemorySession } from './memory-session.ts';
import type { MemoryWire } from './wire.ts';

/** What one end of a memory conversation says of itself. */
export interface MemoryEnd {
  readonly role: Role;
  readonly trickle: Trickle;
  readonly remote: RemoteIdentity;
  /** What the far end announces. */
  readonly iceServers?: readonly IceServer[];
}

/** A Signaler over a memory wire: signals pass as the bytes of `jsonLineCodec`, so that its bounds hold. */
export class MemorySignaler implements Signaler {
  readonly trickle: Trickle;
  readonly remote: RemoteIdentity;
  readonly iceServers: readonly IceServer[];
  readonly #role: Role;
  readonly #wire: MemoryWire;
  readonly #signals: AsyncIterator<Signal, undefined>;

  constructor(wire: MemoryWire, { role, trickle, remote, iceServers = [] }: MemoryEnd) {
    this.#wire = wire;
    this.#role = role;
    this.trickle = trickle;
    this.remote = remote;
    this.iceServers = iceServers;
    this.#signals = this.#decoded();
  }

  /** @throws SignalingError also `invalid-state` for a candidate of an end that may not trickle on this transport */
  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    throwIfAborted(abort);
    const isTrickled = signal.type === 'candidate' || signal.type === 'end-of-candidates';
    if (isTrickled && !mayTrickle(this.#role, this.trickle)) throw mayNotTrickle(this.#role);
    this.#wire.write(jsonLineCodec.encode(signal));
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal, undefined> {
    return { next: () => this.#signals.next() };
  }

  async close(reason?: SignalingError): Promise<void> {
    this.#wire.close(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#decoded(): AsyncGenerator<Signal, undefined> {
    for await (const bytes of this.#wire.received) {
      try {
        yield* jsonLineCodec.decode(bytes);
      } catch (thrown) {
        const error = SignalingError.from(thrown);
        this.#wire.close(error);
        throw error;
      }
    }
  }
}

/** The client's end of a conversation whose session can restart ICE. */
export class RestartableSignaler extends MemorySignaler {
  readonly #session: MemorySession;

  constructor(wire: MemoryWire, end: MemoryEnd, session: MemorySession) {
    super(wire, end);
    this.#session = session;
  }

  override async send(signal: Signal, options: Abortable): Promise<void> {
    throwIfAborted(options.signal);
    const isTrickled = signal.type === 'candidate' || signal.type === 'end-of-candidates';
    if (!isTrickled || !this.#session.trickle(signal)) await super.send(signal, options);
  }

  restart(offer: Offer, options: Abortable): Promise<Answer> {
    return this.#session.restart(offer, options);
  }

  override async close(reason?: SignalingError): Promise<void> {
    if (reason !== undefined) this.#session.end(reason);
    await super.close(reason);
  }
}

function mayNotTrickle(role: Role): SignalingError {
  return new SignalingError(
    'invalid-state',
    `On this transport the ${role} puts its candidates into its description`,
  );
}
