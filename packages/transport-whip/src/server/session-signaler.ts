import {
  type Abortable,
  type Answer,
  MAX_SDP_BYTES,
  type Offer,
  type Signal,
  type Signaler,
  SignalingError,
  SignalQueue,
  type Trickle,
} from '@ouro/signaling';
import { byteLength } from '../shared/text.ts';

/** What the signaler tells its session. */
export interface SignalerHost {
  readonly ended: AbortSignal;
  end(reason: SignalingError): void;
}

/**
 * The host's end of a WHIP conversation: the offer and the trickled candidates come in; one answer, with all candidates in it, goes out
 * (RFC 9725 section 4.3.1: the server never trickles).
 */
export class SessionSignaler implements Signaler {
  readonly trickle: Trickle;
  readonly remote = { kind: 'none' } as const;
  readonly queue = new SignalQueue();
  readonly #host: SignalerHost;
  readonly #answer = Promise.withResolvers<Answer>();
  #answered = false;
  #closed = false;

  constructor(offer: Offer, trickle: Trickle, host: SignalerHost) {
    this.trickle = trickle;
    this.#host = host;
    this.queue.push(offer);
    // Nobody may wait for it any more when it fails.
    this.#answer.promise.catch(() => {});
  }

  /** Resolves when the host answered; rejects when the session ended before. */
  get answer(): Promise<Answer> {
    return this.#answer.promise;
  }

  /**
   * Takes the answer. @throws SignalingError `closed`, `aborted`, `oversize`, `invalid-state` for anything else
   */
  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    if (abort.aborted) throw SignalingError.from(abort.reason);
    if (this.#closed || this.#host.ended.aborted)
      throw new SignalingError('closed', 'This WHIP session has ended');
    if (signal.type !== 'answer' || this.#answered) throw outOfTurn(signal);
    requireSize(signal);
    this.#answered = true;
    this.#answer.resolve(signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    return this.queue[Symbol.asyncIterator]();
  }

  /**
   * With a reason, or before the answer: the session ends, and the client's POST fails with the reason. Without one
   * after the answer: the conversation is over, the session lives on for ICE restart and DELETE.
   */
  async close(reason?: SignalingError): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.queue.end();
    if (reason !== undefined) this.#host.end(reason);
    else if (!this.#answered) this.#host.end(unanswered());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The session ended: in order (the client's DELETE) or not. */
  endedBy(reason: SignalingError): void {
    const inOrder = reason.code === 'closed';
    if (inOrder) this.queue.end();
    else this.queue.fail(reason);
    this.#answer.reject(inOrder ? unanswered(reason) : reason);
  }
}

function unanswered(cause?: SignalingError): SignalingError {
  const message = 'The host closed the conversation before it answered; try again';
  return new SignalingError('unavailable', message, { cause });
}

function requireSize({ sdp }: Answer): void {
  if (byteLength(sdp) <= MAX_SDP_BYTES) return;
  throw new SignalingError('oversize', `The answer has over ${MAX_SDP_BYTES} bytes`);
}

function outOfTurn(signal: Signal): SignalingError {
  const why =
    signal.type === 'candidate' || signal.type === 'end-of-candidates'
      ? 'A WHIP server cannot trickle: gather all candidates before sending the answer'
      : `A WHIP server sends one answer and nothing else; this is a second one or an ${signal.type}`;
  return new SignalingError('invalid-state', why);
}
