import type { Peer } from '@ouro/peer';
import { SignalingError } from '@ouro/signaling';

/** Gives ICE so long from where it begins, then fires with `ice-failed` and the pairs that were tried. */
export class PathDeadline implements Disposable {
  readonly #peer: Peer;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** ICE begins. Told again, nothing changes. */
  start(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#explain().then((reason) => this.#controller.abort(reason));
    }, ms);
  }

  /** There is a path. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #explain(): Promise<SignalingError> {
    const { iceFailed } = await import('@ouro/negotiation');
    return iceFailed(this.#peer).catch(
      (cause: unknown) => new SignalingError('ice-failed', 'No path was found in time', { cause }),
    );
  }
}
