import { MAX_PENDING_SIGNALS } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import { SignalQueue } from '../signal-queue.ts';
import { type Distance, Lane } from './lane.ts';

/** One end of a two-way wire that carries messages of bytes inside one process. */
export class MemoryWire {
  readonly #out: Lane;
  readonly #received = new SignalQueue<Uint8Array>();
  #far: MemoryWire | undefined;
  #gone: SignalingError | undefined;
  #closed = false;

  readonly #onEnd: () => void;

  private constructor(distance: Distance, onEnd: () => void) {
    this.#out = new Lane(distance);
    this.#onEnd = onEnd;
  }

  /** Two ends of one wire; `onEnd` is called when it was closed or broke, perhaps more than once. */
  static pair(distance: Distance, onEnd: () => void = () => {}): [MemoryWire, MemoryWire] {
    const near = new MemoryWire(distance, onEnd);
    const far = new MemoryWire(distance, onEnd);
    near.#far = far;
    far.#far = near;
    return [near, far];
  }

  /** The messages of the far end, in order; ends or throws as the far end closed. For one reader. */
  get received(): AsyncIterable<Uint8Array> {
    return this.#received;
  }

  /** Gives a message to the wire. @throws SignalingError `closed`, `lost`, `too-many` */
  write(bytes: Uint8Array): void {
    if (this.#closed) throw new SignalingError('closed', 'This conversation was closed; start a new one');
    if (this.#gone) throw this.#gone;
    const far = this.#far;
    if (!far) return;
    if (this.#out.size + far.#received.size >= MAX_PENDING_SIGNALS) throw this.#overflow(far);
    this.#out.carry(() => far.#received.push(bytes));
  }

  /** Ends both directions in order: what was written before still arrives, nothing more is received. Twice is once. */
  close(reason?: SignalingError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#received.drain();
    this.#received.end();
    this.#onEnd();
    const far = this.#far;
    if (!far || this.#gone) return;
    far.#out.cut();
    const told = reason && new SignalingError(reason.code, reason.message);
    this.#out.carry(() => far.#farHasClosed(told));
  }

  /** Breaks the wire at once, as a crash does: nothing under way arrives, both ends meet `lost`. */
  break(): void {
    this.#lose();
    const far = this.#far;
    if (far) far.#lose();
  }

  #farHasClosed(reason: SignalingError | undefined): void {
    this.#gone ??= reason ?? new SignalingError('closed', 'The other end has closed the conversation');
    if (reason) this.#received.fail(reason);
    else this.#received.end();
  }

  #lose(): void {
    this.#gone ??= new SignalingError('lost', 'The connection to the other end broke; try again');
    this.#out.cut();
    this.#received.fail(this.#gone);
    this.#onEnd();
  }

  #overflow(far: MemoryWire): SignalingError {
    const error = new SignalingError(
      'too-many',
      `More than ${MAX_PENDING_SIGNALS} signals wait for the other end; it may have stopped reading`,
    );
    this.#gone = error;
    far.#farHasClosed(error);
    this.#received.fail(error);
    this.#onEnd();
    return error;
  }
}
