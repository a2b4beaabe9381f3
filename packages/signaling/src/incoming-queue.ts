import { MAX_PENDING_DIALS } from './constants.ts';
import { SignalingError } from './errors.ts';
import { SignalQueue } from './signal-queue.ts';
import type { IncomingConversation, TransportListener } from './transport.ts';

/** How many conversations may wait for the host. */
export interface IncomingQueueOptions {
  /** `MAX_PENDING_DIALS` unless told. */
  readonly capacity?: number;
}

/** A listener whose conversations come from elsewhere: an HTTP server, a local socket. */
export class IncomingQueue implements TransportListener {
  readonly #capacity: number;
  readonly #waiting: SignalQueue<IncomingConversation>;

  constructor({ capacity = MAX_PENDING_DIALS }: IncomingQueueOptions = {}) {
    this.#capacity = capacity;
    this.#waiting = new SignalQueue({ capacity });
  }

  /** Hands a conversation to the host. @throws SignalingError `unavailable` after the end, `too-many` when too many wait */
  push(incoming: IncomingConversation): void {
    if (this.#waiting.isOver) throw new SignalingError('unavailable', 'The host listens no more');
    if (this.#waiting.size >= this.#capacity) {
      throw new SignalingError(
        'too-many',
        `More than ${this.#capacity} conversations wait for the host; try again later`,
      );
    }
    this.#waiting.push(incoming);
  }

  [Symbol.asyncIterator](): AsyncIterator<IncomingConversation, undefined> {
    return this.#waiting[Symbol.asyncIterator]();
  }

  /** Ends the iteration; what still waits is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.end();
    const reason = new SignalingError('unavailable', 'The host listens no more');
    await Promise.all(this.#waiting.drain().map(({ signaler }) => signaler.close(reason)));
  }
}
