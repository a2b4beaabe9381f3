import { CliError } from '../errors.ts';
import { STALL_TIMEOUT_MS } from './constants.ts';

/** Aborts `signal` when nothing has moved for a while. */
export class Stall implements Disposable {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something moved. */
  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Nothing more has to move. */
  end(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #start(): NodeJS.Timeout {
    const why = `Nothing was transferred for ${STALL_TIMEOUT_MS / 1000} s; try again on a better line`;
    return setTimeout(() => this.#controller.abort(new CliError('install', why)), STALL_TIMEOUT_MS);
  }
}
