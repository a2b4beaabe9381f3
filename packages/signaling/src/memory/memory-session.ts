import { throwIfAborted, unlessAborted } from '../abortable.ts';
import { SignalingError } from '../errors.ts';
import { iceCredentialsOf } from '../sdp/index.ts';
import type { Answer, Candidate, EndOfCandidates, Offer } from '../signal.ts';
import { SignalQueue } from '../signal-queue.ts';
import type { Abortable } from '../signaler.ts';
import type { RestartHandler, TransportSession } from '../transport.ts';

/** One ICE generation that a restart began. */
interface Generation {
  readonly usernameFragment: string | undefined;
  readonly candidates: SignalQueue<Candidate | EndOfCandidates>;
}

/** What is left of a memory conversation when it is closed: the peers' connection, and a way to restart its ICE. */
export class MemorySession implements TransportSession {
  readonly #ending = new AbortController();
  #handler: RestartHandler | undefined;
  #generation: Generation | undefined;

  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  connected(): void {
    // Nothing expires here.
  }

  closed(): void {
    this.end(new SignalingError('closed', 'The peer closed'));
  }

  onRestart(handler: RestartHandler): void {
    this.#handler = handler;
  }

  /** Ends the session; the first reason stays. */
  end(reason: SignalingError): void {
    if (this.ended.aborted) return;
    this.#ending.abort(reason);
    this.#generation?.candidates.end();
  }

  /** The client's restart, as `Signaler.restart` has it. */
  async restart(offer: Offer, { signal }: Abortable): Promise<Answer> {
    throwIfAborted(signal);
    if (this.ended.aborted) throw new SignalingError('invalid-state', 'The session has ended; connect again');
    if (this.#handler === undefined) {
      throw new SignalingError('unprocessable', 'This session cannot restart ICE; open a new one');
    }
    const candidates = new SignalQueue<Candidate | EndOfCandidates>();
    const before = this.#generation;
    this.#generation = { usernameFragment: iceCredentialsOf(offer.sdp)?.usernameFragment, candidates };
    try {
      const answer = await unlessAborted(this.#handler({ offer, candidates }, { signal }), signal);
      before?.candidates.end();
      return answer;
    } catch (thrown) {
      candidates.end();
      this.#generation = before;
      throw SignalingError.from(thrown);
    }
  }

  /** Takes a candidate of a generation that a restart began; false for one of the conversation itself. */
  trickle(signal: Candidate | EndOfCandidates): boolean {
    const { usernameFragment, candidates } = this.#generation ?? {};
    if (candidates === undefined || signal.usernameFragment !== usernameFragment) return false;
    candidates.push(signal);
    return true;
  }
}
