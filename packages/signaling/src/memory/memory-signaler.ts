import { throwIfAborted } from '../abortable.ts';
import { jsonLineCodec } from '../codec/index.ts';
import { SignalingError } from '../errors.ts';
import type { Signal } from '../signal.ts';
import type { Abortable, Signaler, Vouch } from '../signaler.ts';
import type { Trickle } from '../trickle.ts';
import { mayTrickle, type Role } from '../trickle.ts';
import type { MemoryWire } from './wire.ts';

/** What one end of a memory conversation says of itself. */
export interface MemoryEnd {
  readonly role: Role;
  readonly trickle: Trickle;
  readonly remote: Vouch;
}

/** A Signaler over a memory wire: signals pass as the bytes of `jsonLineCodec`, so that its bounds hold. */
export class MemorySignaler implements Signaler {
  readonly trickle: Trickle;
  readonly remote: Vouch;
  readonly #role: Role;
  readonly #wire: MemoryWire;
  readonly #signals: AsyncIterator<Signal, undefined>;

  constructor(wire: MemoryWire, { role, trickle, remote }: MemoryEnd) {
    this.#wire = wire;
    this.#role = role;
    this.trickle = trickle;
    this.remote = remote;
    this.#signals = this.#decoded();
  }

  /** @throws SignalingError also `invalid-state` for a candidate of an end that may not trickle on this road */
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

function mayNotTrickle(role: Role): SignalingError {
  return new SignalingError(
    'invalid-state',
    `On this road the ${role} puts its candidates into its description`,
  );
}
