import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import {
  type Candidate,
  type EndOfCandidates,
  type Signal,
  type Signaler,
  SignalingError,
} from '@ouro/signaling';
import type { DescriptionInit, PeerConnectionLike } from '@ouro/webrtc-types';
import { checkAuthorized } from './authorization.ts';
import { announcedFingerprint, mismatch, presentedFingerprint } from './certificate.ts';
import { GATHER_TIMEOUT_MS } from './constants.ts';
import { dtlsFailed } from './failure.ts';
import { gathered } from './gather.ts';
import { LocalCandidates } from './local-candidates.ts';
import type { NegotiationEvent } from './machine/events.ts';
import type { NegotiationState } from './machine/state.ts';
import { initialNegotiation, transition } from './machine/transition.ts';
import { iceFailed } from './no-path.ts';
import type { Negotiated, NegotiateOptions } from './options.ts';

/** Drives one negotiation: asks the state machine what each thing that happens means, and does it. For one `run`. */
export class Negotiation {
  readonly #peer: PeerConnectionLike;
  readonly #signaler: Signaler;
  readonly #options: NegotiateOptions;
  readonly #local: LocalCandidates;
  readonly #early: Candidate[] = [];
  readonly #result = Promise.withResolvers<Negotiated>();
  #state: NegotiationState;
  #announced: Fingerprint | undefined;
  #over = false;

  constructor(peer: PeerConnectionLike, signaler: Signaler, options: NegotiateOptions) {
    this.#peer = peer;
    this.#signaler = signaler;
    this.#options = options;
    this.#state = initialNegotiation(options.role, signaler.trickle);
    this.#local = new LocalCandidates(peer);
  }

  /** @throws SignalingError, or the reason of the signal */
  async run(): Promise<Negotiated> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#peer.addEventListener('iceconnectionstatechange', this.#look);
    this.#peer.addEventListener('connectionstatechange', this.#look);
    this.#do(this.#read());
    if (this.#options.role === 'offerer') this.#do(this.#offer());
    return this.#result.promise;
  }

  /** Ends every listener; the negotiation does nothing more. Twice is once. */
  stop(): void {
    this.#over = true;
    this.#local.stop();
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#peer.removeEventListener('iceconnectionstatechange', this.#look);
    this.#peer.removeEventListener('connectionstatechange', this.#look);
  }

  /** Any failure of `work` is the failure of the negotiation; later ones change nothing. */
  #do(work: Promise<void>): void {
    work.catch((error: unknown) => this.#result.reject(error));
  }

  readonly #abort = (): void => this.#result.reject(this.#options.signal.reason);

  #event(event: NegotiationEvent): void {
    const before = this.#state.phase;
    this.#state = transition(this.#state, event);
    const { phase } = this.#state;
    if (phase === before) return;
    if (phase === 'checking') this.#options.onPhase?.('ice');
    if (phase === 'handshaking') {
      if (before !== 'checking') this.#options.onPhase?.('ice');
      this.#options.onPhase?.('dtls');
    }
    if (phase === 'connected') this.#options.onPhase?.('connected');
  }

  async #read(): Promise<void> {
    const signals = this.#signaler[Symbol.asyncIterator]();
    try {
      for (let next = await signals.next(); !this.#over; next = await signals.next()) {
        if (next.done) return this.#transportEnded();
        await this.#receive(next.value);
      }
    } catch (thrown) {
      const error = SignalingError.from(thrown);
      // A transport that breaks when both descriptions are exchanged does not stop two peers that see each other.
      if (error.code !== 'lost' || !this.#descriptionsExchanged()) throw error;
    }
  }

  #transportEnded(): void {
    if (this.#over || this.#descriptionsExchanged()) return;
    throw new SignalingError(
      'closed',
      'The other end closed the conversation before it was complete; look at its log, or try again',
    );
  }

  #descriptionsExchanged(): boolean {
    return ['answered', 'checking', 'handshaking', 'verifying', 'connected'].includes(this.#state.phase);
  }

  async #receive(signal: Signal): Promise<void> {
    switch (signal.type) {
      case 'offer':
        this.#event({ type: 'remote-offer-received' });
        return this.#answer(signal);
      case 'answer':
        this.#event({ type: 'remote-answer-received' });
        await this.#checkPin(signal.sdp);
        return this.#setRemote(signal);
      case 'candidate':
        this.#event({ type: 'remote-candidate' });
        return this.#remoteCandidate(signal);
      case 'end-of-candidates':
        this.#event({ type: 'remote-end' });
        return this.#remoteCandidate(signal);
    }
  }

  async #offer(): Promise<void> {
    this.#options.onPhase?.('gathering');
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    await this.#sendDescription('offer', 'local-offer-sent');
  }

  async #answer(offer: DescriptionInit & { sdp: string }): Promise<void> {
    await this.#checkPin(offer.sdp);
    if (this.#announced === undefined) return;
    await checkAuthorized(this.#announced, this.#signaler.remote, this.#options);
    if (this.#over) return;
    this.#event({ type: 'authorized' });
    await this.#setRemote(offer);
    this.#options.onPhase?.('gathering');
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    // Not awaited: the other end's candidates, which come meanwhile, may be what gathering must not wait for.
    this.#do(this.#sendDescription('answer', 'local-answer-sent'));
  }

  async #checkPin(sdp: string): Promise<void> {
    const announced = announcedFingerprint(sdp);
    const expected = this.#options.expectedFingerprint;
    if (expected !== undefined && !announced.equals(expected)) {
      throw mismatch(`The other end has the fingerprint ${announced}, not the known ${expected}`);
    }
    this.#announced = announced;
  }

  async #sendDescription(
    type: 'offer' | 'answer',
    event: 'local-offer-sent' | 'local-answer-sent',
  ): Promise<void> {
    const { signal, gatherTimeoutMs = GATHER_TIMEOUT_MS } = this.#options;
    if (this.#state.localCandidates === 'gather') {
      await gathered(this.#peer, { timeoutMs: gatherTimeoutMs, signal });
    }
    const sdp = this.#peer.localDescription?.sdp;
    if (this.#over || sdp === undefined) return;
    this.#options.onPhase?.('signaling');
    this.#event({ type: event });
    const trickles = this.#state.localCandidates === 'send';
    if (!trickles) this.#local.stop();
    await this.#signaler.send({ type, sdp }, { signal });
    this.#look();
    if (trickles) await this.#trickle(sdp);
  }

  async #trickle(sentSdp: string): Promise<void> {
    await this.#local.drain(sentSdp, async (candidate) => {
      if (this.#over) return;
      this.#event({ type: candidate.type === 'candidate' ? 'local-candidate-sent' : 'local-end' });
      await this.#signaler.send(candidate, { signal: this.#options.signal }).catch((error: unknown) => {
        // With a path found the far end may have closed the transport already.
        if (!this.#state.iceConnected) throw error;
      });
    });
  }

  async #setRemote({ type, sdp }: DescriptionInit): Promise<void> {
    await this.#peer.setRemoteDescription({ type, sdp: sdp ?? '' }).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : 'It cannot be used';
      throw new SignalingError('bad-sdp', `The ${type} of the other end was refused: ${why}`, { cause });
    });
    if (this.#over) return;
    this.#event({ type: 'remote-description-set' });
    const ended = this.#state.remoteEnded;
    for (const candidate of this.#early.splice(0)) await this.#apply(candidate);
    if (ended) await this.#apply({ type: 'end-of-candidates', usernameFragment: null });
    this.#look();
  }

  async #remoteCandidate(candidate: Candidate | EndOfCandidates): Promise<void> {
    const { effect } = this.#state;
    if (effect === 'buffer' && candidate.type === 'candidate') this.#early.push(candidate);
    else if (effect === 'apply') await this.#apply(candidate);
  }

  async #apply(signal: Candidate | EndOfCandidates): Promise<void> {
    const { usernameFragment } = signal;
    const init =
      signal.type === 'candidate'
        ? { candidate: signal.candidate, sdpMid: signal.sdpMid, sdpMLineIndex: signal.sdpMLineIndex }
        : { candidate: '', sdpMid: null, sdpMLineIndex: null };
    await this.#peer.addIceCandidate({ ...init, usernameFragment }).catch((cause: unknown) => {
      if (this.#over) return;
      const why = cause instanceof Error ? cause.message : 'it cannot be used';
      throw new SignalingError('bad-candidate', `A candidate of the other end was refused: ${why}`, {
        cause,
      });
    });
  }

  /** What the stack's state means now. Called whenever it, or the phase, may have changed. */
  readonly #look = (): void => {
    if (this.#over) return;
    this.#do(this.#lookNow());
  };

  async #lookNow(): Promise<void> {
    const { connectionState, iceConnectionState } = this.#peer;
    if (connectionState === 'closed') throw new SignalingError('closed', 'The peer was closed meanwhile');
    if (connectionState === 'failed' || iceConnectionState === 'failed') throw await this.#failure();
    const up = connectionState === 'connected' || ['connected', 'completed'].includes(iceConnectionState);
    if (up && ['answered', 'answering', 'checking'].includes(this.#state.phase)) {
      this.#event({ type: 'ice-connected' });
    }
    if (connectionState !== 'connected' || this.#state.phase !== 'handshaking') return;
    this.#event({ type: 'dtls-connected' });
    await this.#verify();
  }

  async #failure(): Promise<SignalingError> {
    return this.#state.iceConnected ? dtlsFailed(this.#peer) : iceFailed(this.#peer);
  }

  async #verify(): Promise<void> {
    const announced = this.#announced;
    if (announced === undefined) throw mismatch('The other end announced no certificate');
    const presented = await presentedFingerprint(this.#peer, announced);
    if (!presented.equals(announced)) {
      throw mismatch(`The other end used the certificate ${presented}, but announced ${announced}`);
    }
    if (this.#over) return;
    this.#event({ type: 'fingerprint-verified' });
    const localFingerprint = announcedFingerprint(this.#peer.localDescription?.sdp ?? '');
    this.#result.resolve({ localFingerprint, remoteFingerprint: presented });
  }
}
