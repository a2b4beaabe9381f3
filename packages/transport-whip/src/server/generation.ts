import {
  type Candidate,
  type EndOfCandidates,
  type IceCredentials,
  MAX_CANDIDATES,
  type Signal,
  SignalingError,
  type SignalQueue,
} from '@ouro/signaling';
import { type CandidateLine, candidateKey, isUsable } from '../shared/candidate.ts';
import type { IceDescription } from '../shared/ice-description.ts';

/** A candidate and the m-section that it is for. */
export interface PlacedCandidate {
  readonly line: CandidateLine;
  readonly mid: string | null;
}

/**
 * One generation of the client's candidates (RFC 8838): each goes to the peer once and in order, none after the end.
 */
export class Generation {
  readonly credentials: IceCredentials;
  readonly #queue: SignalQueue;
  readonly #seen = new Set<string>();
  #ended = false;

  /** @param initial the description that opens it; its candidates are known to the peer already */
  constructor(credentials: IceCredentials, initial: IceDescription, queue: SignalQueue) {
    this.credentials = credentials;
    this.#queue = queue;
    for (const section of initial.media)
      for (const line of section.candidates) this.#seen.add(candidateKey(line));
    this.#ended = initial.endOfCandidates || initial.media.some((section) => section.endOfCandidates);
  }

  /** What the peer's side reads. */
  get signals(): AsyncIterable<Signal> {
    return this.#queue;
  }

  /**
   * Takes candidates, all or none. Those that repeat a known one, come after the end, or cannot be used here are passed over.
   * @throws SignalingError `unprocessable` over 100 candidates
   */
  take(candidates: readonly PlacedCandidate[], end: boolean): void {
    if (this.#ended) return;
    const fresh = this.#fresh(candidates);
    if (this.#seen.size + fresh.size > MAX_CANDIDATES) {
      throw new SignalingError(
        'unprocessable',
        `More than ${MAX_CANDIDATES} candidates in one ICE generation`,
      );
    }
    for (const [key, { line, mid }] of fresh) {
      this.#seen.add(key);
      this.#queue.push(this.#candidate(line, mid));
    }
    if (end) this.#end();
  }

  /** No reader gets anything more. */
  close(): void {
    this.#ended = true;
    this.#queue.end();
  }

  #fresh(candidates: readonly PlacedCandidate[]): Map<string, PlacedCandidate> {
    const fresh = new Map<string, PlacedCandidate>();
    for (const placed of candidates) {
      const key = candidateKey(placed.line);
      if (isUsable(placed.line) && !this.#seen.has(key)) fresh.set(key, placed);
    }
    return fresh;
  }

  #candidate(line: CandidateLine, sdpMid: string | null): Candidate {
    const { usernameFragment } = this.credentials;
    return { type: 'candidate', candidate: line.text, sdpMid, sdpMLineIndex: 0, usernameFragment };
  }

  #end(): void {
    this.#ended = true;
    const end: EndOfCandidates = {
      type: 'end-of-candidates',
      usernameFragment: this.credentials.usernameFragment,
    };
    this.#queue.push(end);
  }
}
