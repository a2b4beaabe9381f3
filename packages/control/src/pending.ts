import { MAX_PENDING_REQUESTS } from './constants.ts';
import { ControlError } from './errors.ts';

interface Waiting {
  resolve(body: string): void;
  reject(error: ControlError): void;
}

/** Requests of ours that wait for their reply. */
export class PendingRequests {
  readonly #waiting = new Map<number, Waiting>();

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** @throws ControlError `busy` at `MAX_PENDING_REQUESTS` */
  assertRoom(): void {
    if (this.#waiting.size < MAX_PENDING_REQUESTS) return;
    throw new ControlError('busy', `${MAX_PENDING_REQUESTS} requests wait for the far end already`);
  }

  /** The reply to this id; ends also by the time-out (ms, `Infinity` = none) and by the signal. */
  add(id: number, { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number }): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const late = () =>
      this.reject(id, new ControlError('timeout', `No answer within ${timeoutMs} milliseconds`));
    const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
    const onAbort = () => this.reject(id, ControlError.from(signal.reason));
    const clear = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(id);
    };
    signal.addEventListener('abort', onAbort);
    this.#waiting.set(id, {
      resolve: (body) => {
        clear();
        resolve(body);
      },
      reject: (error) => {
        clear();
        reject(error);
      },
    });
    return promise;
  }

  /** @returns whether this id waited */
  resolve(id: number, body: string): boolean {
    const waiting = this.#waiting.get(id);
    waiting?.resolve(body);
    return waiting !== undefined;
  }

  /** @returns whether this id waited */
  reject(id: number, error: ControlError): boolean {
    const waiting = this.#waiting.get(id);
    waiting?.reject(error);
    return waiting !== undefined;
  }

  /** Ends all that wait. */
  rejectAll(error: ControlError): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, error);
  }
}
