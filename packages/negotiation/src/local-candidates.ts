import type { Candidate, EndOfCandidates, Signal } from '@ouro/signaling';
import type { CandidateLike, PeerConnectionLike } from '@ouro/webrtc-types';

/**
 * The own candidates of one generation, in order, each once, for the transport: kept until the description went out
 * (RFC 8838 section 10), then handed over one after the other; the end-of-candidates last.
 */
export class LocalCandidates {
  readonly #peer: PeerConnectionLike;
  readonly #queue: (Candidate | EndOfCandidates)[] = [];
  #wake: (() => void) | undefined;
  #open = true;

  constructor(peer: PeerConnectionLike) {
    this.#peer = peer;
    peer.addEventListener('icecandidate', this.#take);
  }

  /** Gives each signal to `send`, from now on, until the end-of-candidates was given or `stop` was called. */
  async drain(sentSdp: string, send: (signal: Signal) => Promise<void>): Promise<void> {
    while (this.#open) {
      const next = this.#queue.shift();
      if (next === undefined) await this.#more();
      else if (next.type === 'end-of-candidates') {
        this.stop();
        await send(next);
      } else if (!sentSdp.includes(`a=${next.candidate}\r\n`)) await send(next);
    }
  }

  /** No more: neither listened for nor sent. Twice is once. */
  stop(): void {
    this.#open = false;
    this.#peer.removeEventListener('icecandidate', this.#take);
    this.#wake?.();
  }

  #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  readonly #take = ({ candidate }: { readonly candidate: CandidateLike | null }): void => {
    this.#queue.push(toSignal(candidate));
    this.#wake?.();
  };
}

function toSignal(candidate: CandidateLike | null): Candidate | EndOfCandidates {
  if (candidate === null || candidate.candidate === '') {
    return { type: 'end-of-candidates', usernameFragment: candidate?.usernameFragment ?? null };
  }
  const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
  return { type: 'candidate', candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment };
}
