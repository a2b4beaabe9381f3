import { throwIfAborted, unlessAborted } from '../abortable.ts';
import { MAX_PENDING_DIALS } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import { SignalQueue } from '../signal-queue.ts';
import type { Abortable, Signaler, SignalerListener } from '../signaler.ts';
import { clientEnd, hostEnd, type MemoryOptions, wirePair } from './memory-pair.ts';
import type { MemoryWire } from './wire.ts';

interface Knock {
  readonly wire: MemoryWire;
  readonly opened: PromiseWithResolvers<void>;
}

/**
 * A host that listens and clients that dial it, inside one process. A dial resolves when the host has taken
 * the conversation from its `listener`.
 */
export class MemoryRoad implements AsyncDisposable {
  readonly #options: MemoryOptions;
  readonly #knocks = new SignalQueue<Knock>({ capacity: MAX_PENDING_DIALS });
  readonly #open = new Set<MemoryWire>();

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
  }

  /** Opens a conversation. @throws SignalingError `unavailable` without a listener, `too-many`, `aborted` */
  async dial(options: Abortable): Promise<Signaler> {
    return clientEnd(await this.dialWire(options), this.#options);
  }

  /** As `dial`, but gives the bare wire: for those who want to say what no Signaler would. */
  async dialWire({ signal }: Abortable): Promise<MemoryWire> {
    throwIfAborted(signal);
    if (this.#knocks.isOver) throw nobodyListens();
    if (this.#knocks.size >= MAX_PENDING_DIALS) throw tooManyDials();
    const [near, far] = wirePair(this.#options, () => this.#open.delete(far));
    const knock = { wire: far, opened: Promise.withResolvers<void>() };
    this.#knocks.push(knock);
    try {
      await unlessAborted(knock.opened.promise, signal);
      return near;
    } catch (thrown) {
      this.#knocks.delete(knock);
      near.close(SignalingError.from(thrown));
      throw thrown;
    }
  }

  /** The host's side, for one reader at a time; disposing it closes the road. */
  get listener(): SignalerListener {
    return {
      [Symbol.asyncIterator]: () => this.#accepted(),
      [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
    };
  }

  /** The next conversation, for a host that takes them one by one. @throws SignalingError `aborted`, `closed` */
  async accept(options: Abortable): Promise<Signaler> {
    return hostEnd(await this.acceptWire(options), this.#options);
  }

  /** As `accept`, but gives the bare wire. */
  async acceptWire({ signal }: Abortable): Promise<MemoryWire> {
    throwIfAborted(signal);
    const knocks = this.#knocks[Symbol.asyncIterator]();
    const leave = () => void knocks.return?.();
    signal.addEventListener('abort', leave, { once: true });
    const next = await knocks.next();
    signal.removeEventListener('abort', leave);
    leave();
    if (!next.done) return this.#take(next.value);
    throwIfAborted(signal);
    throw new SignalingError('closed', 'The listener was closed');
  }

  /** Breaks every open conversation: both ends meet `lost`. */
  break(): void {
    for (const wire of this.#open) wire.break();
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#knocks.end();
    for (const knock of this.#knocks.drain()) knock.opened.reject(nobodyListens());
    this.break();
  }

  async *#accepted(): AsyncGenerator<Signaler, void> {
    for await (const knock of this.#knocks) yield hostEnd(this.#take(knock), this.#options);
  }

  #take({ wire, opened }: Knock): MemoryWire {
    this.#open.add(wire);
    opened.resolve();
    return wire;
  }
}

function nobodyListens(): SignalingError {
  return new SignalingError('unavailable', 'No host listens on this memory road');
}

function tooManyDials(): SignalingError {
  return new SignalingError(
    'too-many',
    `More than ${MAX_PENDING_DIALS} dials wait for the host; try again later`,
  );
}
