import { MAX_PENDING_SIGNALS } from './constants.ts';
import { SignalingError } from './errors.ts';
import type { Signal } from './signal.ts';

/** Options of a SignalQueue. */
export interface SignalQueueOptions {
  /** Most values held for a slow reader; `MAX_PENDING_SIGNALS` unless told. */
  readonly capacity?: number;
}

type Outcome = { readonly error: SignalingError | undefined };

/**
 * A bounded queue between what a transport receives and the one reader of its Signaler. Values come out in the
 * order they went in, each once; after them the iteration ends, or throws what `fail` was given.
 */
export class SignalQueue<T = Signal> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #held: { readonly value: T }[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #outcome: Outcome | undefined;
  #hasReader = false;

  constructor({ capacity = MAX_PENDING_SIGNALS }: SignalQueueOptions = {}) {
    this.#capacity = capacity;
  }

  /** Values that no reader has taken yet. */
  get size(): number {
    return this.#held.length;
  }

  /** Whether `end` or `fail` was called, or the queue overflowed. */
  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  /**
   * Adds a value; nothing happens when the queue is over.
   * @throws SignalingError `too-many` when it is full; the reader gets the same after the values held
   */
  push(value: T): void {
    if (this.#outcome) return;
    const reader = this.#waiting.shift();
    if (!reader && this.#held.length >= this.#capacity) throw this.#overflow();
    if (reader) reader.resolve({ done: false, value });
    else this.#held.push({ value });
  }

  /** No more values come. The first of `end` and `fail` counts. */
  end(): void {
    this.#finish({ error: undefined });
  }

  /** No more values come, because of this error. The first of `end` and `fail` counts. */
  fail(error: SignalingError): void {
    this.#finish({ error });
  }

  /** Takes back a value that no reader has taken; false if it is not held. */
  delete(value: T): boolean {
    const at = this.#held.findIndex((held) => held.value === value);
    if (at >= 0) this.#held.splice(at, 1);
    return at >= 0;
  }

  /** Takes away all that is held; the reader gets only what comes later. */
  drain(): T[] {
    return this.#held.splice(0).map(({ value }) => value);
  }

  /**
   * The one reader. Another may follow once it has called `return` (as leaving `for await` does).
   * @throws SignalingError `invalid-state` while there is one
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#hasReader) {
      throw new SignalingError(
        'invalid-state',
        'These signals have a reader already; read them in one place',
      );
    }
    this.#hasReader = true;
    let left = false;
    return {
      next: () => (left ? Promise.resolve({ done: true, value: undefined }) : this.#next()),
      return: () => {
        if (!left) this.#hasReader = false;
        left = true;
        for (const reader of this.#waiting.splice(0)) reader.resolve({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    const held = this.#held.shift();
    if (held) return { done: false, value: held.value };
    if (this.#outcome?.error) throw this.#outcome.error;
    if (this.#outcome) return { done: true, value: undefined };
    const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting.push(reader);
    return reader.promise;
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    for (const reader of this.#waiting.splice(0)) {
      if (outcome.error) reader.reject(outcome.error);
      else reader.resolve({ done: true, value: undefined });
    }
  }

  #overflow(): SignalingError {
    const error = new SignalingError(
      'too-many',
      `The other end sent more than ${this.#capacity} signals that were not read yet; it does not follow the protocol`,
    );
    this.fail(error);
    return error;
  }
}
