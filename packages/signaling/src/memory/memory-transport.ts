import { throwIfAborted, unlessAborted } from '../abortable.ts';
import { MAX_PENDING_DIALS } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import { SignalQueue } from '../signal-queue.ts';
import type { Abortable, Signaler } from '../signaler.ts';
import { take } from '../take.ts';
import type { IncomingConversation, TransportListener } from '../transport.ts';
import { clientEnd, hostEnd, type MemoryOptions, wirePair } from './memory-pair.ts';
import { MemorySession } from './memory-session.ts';
import type { MemoryWire } from './wire.ts';

interface PendingDial {
  readonly wire: MemoryWire;
  readonly session: MemorySession;
  readonly opened: PromiseWithResolvers<void>;
}

/**
 * A host that listens and clients that dial it, inside one process: the reference of what a transport is. A dial
 * resolves when the host has taken the conversation from the `listener`.
 */
export class MemoryTransport implements AsyncDisposable {
  readonly #options: MemoryOptions;
  readonly #pending = new SignalQueue<PendingDial>({ capacity: MAX_PENDING_DIALS });
  readonly #open = new Map<MemoryWire, MemorySession>();

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
  }

  /** Opens a conversation. @throws SignalingError `unavailable` without a listener, `too-many`, `aborted` */
  async dial(options: Abortable): Promise<Signaler> {
    const session = new MemorySession();
    return clientEnd(await this.#dialWire(session, options), this.#options, session);
  }

  /** As `dial`, but gives the bare wire: for those who want to say what no Signaler would. */
  dialWire(options: Abortable): Promise<MemoryWire> {
    return this.#dialWire(new MemorySession(), options);
  }

  async #dialWire(session: MemorySession, { signal }: Abortable): Promise<MemoryWire> {
    throwIfAborted(signal);
    if (this.#pending.isOver) throw nobodyListens();
    if (this.#pending.size >= MAX_PENDING_DIALS) throw tooManyDials();
    const [near, far] = wirePair(this.#options, () => this.#open.delete(far));
    const dial = { wire: far, session, opened: Promise.withResolvers<void>() };
    this.#pending.push(dial);
    try {
      await unlessAborted(dial.opened.promise, signal);
      return near;
    } catch (thrown) {
      this.#pending.delete(dial);
      near.close(SignalingError.from(thrown));
      throw thrown;
    }
  }

  /** The host's side, for one reader at a time; disposing it closes the transport. */
  get listener(): TransportListener {
    return {
      [Symbol.asyncIterator]: () => this.#accepted(),
      [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
    };
  }

  /** The next conversation as its bare wire. @throws SignalingError `aborted`, `closed` */
  async acceptWire(options: Abortable): Promise<MemoryWire> {
    return this.#take(await take(this.#pending, options));
  }

  /** Breaks every open conversation: both ends meet `lost`. */
  break(): void {
    for (const [wire, session] of this.#open) {
      wire.break();
      session.end(new SignalingError('lost', 'The other end is gone'));
    }
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pending.end();
    for (const dial of this.#pending.drain()) dial.opened.reject(nobodyListens());
    this.break();
  }

  /** No generator: one that waits could not be left, and would take a conversation that nobody gets. */
  #accepted(): AsyncIterator<IncomingConversation, undefined> {
    const dials = this.#pending[Symbol.asyncIterator]();
    return {
      next: async () => {
        const next = await dials.next();
        return next.done ? next : { done: false, value: this.#incoming(next.value) };
      },
      return: async () => {
        await dials.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  #incoming(dial: PendingDial): IncomingConversation {
    const signaler = hostEnd(this.#take(dial), this.#options);
    return { signaler, remote: signaler.remote, local: true, session: dial.session };
  }

  #take({ wire, session, opened }: PendingDial): MemoryWire {
    this.#open.set(wire, session);
    opened.resolve();
    return wire;
  }
}

function nobodyListens(): SignalingError {
  return new SignalingError('unavailable', 'No host listens on this memory transport');
}

function tooManyDials(): SignalingError {
  return new SignalingError(
    'too-many',
    `More than ${MAX_PENDING_DIALS} dials wait for the host; try again later`,
  );
}
