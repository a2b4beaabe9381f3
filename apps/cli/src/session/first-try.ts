import { SignalingError } from '@ouro/signaling';
import { FIRST_TRY_MS } from '../constants.ts';

/** Ends an attempt with `ice-failed` when it has looked for a path for `FIRST_TRY_MS`. */
export class FirstTry implements Disposable {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#controller.abort(new SignalingError('ice-failed', 'No path was found in time'));
    }, FIRST_TRY_MS);
  }

  /** There is a path. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
