import type { Runtime } from '@ouro/base';
import { sameAddress, type TransportAddress } from '@ouro/base/node';
import { newTransactionId, type StunMessage } from '@ouro/stun';
import { CHECK_RTO_MS, CHECK_TRANSMISSIONS } from './constants.ts';
import type { IceSocket } from './socket.ts';

export interface Request {
  readonly socket: IceSocket;
  readonly to: TransportAddress;
  /** The request's bytes, for a transaction id (hexadecimal). */
  readonly encode: (transactionId: string) => Buffer;
  /** Whether an answer with the right id and from the right address may be believed. */
  readonly isAuthentic: (answer: StunMessage) => boolean;
  /** The answer and how long it took, in milliseconds; undefined when there was none in time. */
  readonly done: (answer: StunMessage | undefined, rttMs: number) => void;
  /** Times it is sent. */
  readonly transmissions?: number;
  /** First wait for an answer, in milliseconds; doubles. */
  readonly rtoMs?: number;
}

interface Running {
  readonly request: Request;
  readonly startedAt: number;
  endTimer: () => void;
}

/** STUN requests that wait for their answers (RFC 8489 section 6.2.1). */
export class Transactions {
  readonly #runtime: Runtime;
  readonly #running = new Map<string, Running>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Sends a request, and again until it is answered. */
  start(request: Request): void {
    const { clock, random } = this.#runtime;
    const id = newTransactionId(random);
    const bytes = request.encode(id);
    let left = request.transmissions ?? CHECK_TRANSMISSIONS;
    let waitMs = request.rtoMs ?? CHECK_RTO_MS;
    const transmit = (): void => {
      if (left === 0) {
        this.#running.delete(id);
        request.done(undefined, Number.POSITIVE_INFINITY);
        return;
      }
      left -= 1;
      running.endTimer = clock.after(waitMs, transmit);
      waitMs *= 2;
      request.socket.send(bytes, request.to);
    };
    const running: Running = { request, startedAt: clock.now(), endTimer: () => {} };
    this.#running.set(id, running);
    transmit();
  }

  /** Gives an answer to whom it belongs. What nobody asked for, or from elsewhere, is dropped. */
  receive(answer: StunMessage, socket: IceSocket, from: TransportAddress): void {
    const running = this.#running.get(answer.transactionId);
    if (running === undefined) return;
    const { request, startedAt, endTimer } = running;
    if (request.socket !== socket || !sameAddress(request.to, from) || !request.isAuthentic(answer)) return;
    endTimer();
    this.#running.delete(answer.transactionId);
    request.done(answer, this.#runtime.clock.now() - startedAt);
  }

  /** Forgets all of them; `done` is not called. */
  stop(): void {
    for (const { endTimer } of this.#running.values()) endTimer();
    this.#running.clear();
  }
}
