import { onAbort } from '@ouro/base';
import {
  type Abortable,
  type Answer,
  type Offer,
  type Signal,
  SignalingError,
  SignalQueue,
} from '@ouro/signaling';
import { parseCandidate } from '../shared/candidate.ts';
import { SDP_TYPE } from '../shared/constants.ts';
import { type IceServer, iceServersFromLink } from '../shared/ice-server.ts';
import { mediaType } from '../shared/media-type.ts';
import { type DescriptionInfo, readDescription, withIce } from '../shared/sdp.ts';
import { CLOSE_TIMEOUT_MS } from './constants.ts';
import type { HttpReply } from './http-client.ts';
import { SessionResource } from './session-resource.ts';
import type { ResolvedTarget } from './target.ts';
import { type Batch, TricklePump } from './trickle-pump.ts';
import { errorFromReply } from './whip-error.ts';
import type { WhipSignaler } from './whip-signaler.ts';

/** One ICE generation of this end: its description, its candidates on their way, and what stops them. */
interface Generation {
  readonly offer: DescriptionInfo;
  readonly pump: TricklePump;
  readonly abort: AbortController;
}

/** See {@link WhipSignaler}. */
export class WhipClient implements WhipSignaler {
  readonly trickle = 'offerer';
  readonly remote = { kind: 'none' } as const;
  readonly #target: ResolvedTarget;
  readonly #dialing: AbortSignal;
  readonly #queue = new SignalQueue();
  /** Ends the POST when the conversation is closed before its answer. */
  readonly #posting = new AbortController();
  #posted: Promise<void> | undefined;
  #generation: Generation | undefined;
  #session: SessionResource | undefined;
  #answerSdp = '';
  #iceServers: readonly IceServer[] = [];
  #failure: SignalingError | undefined;
  #isOpen = true;
  #closing: Promise<void> | undefined;
  #deleted: Promise<void> | undefined;

  constructor(target: ResolvedTarget, dialing: AbortSignal) {
    this.#target = target;
    this.#dialing = dialing;
  }

  get iceServers(): readonly IceServer[] {
    return this.#iceServers;
  }

  get sessionUrl(): string | undefined {
    return this.#session?.url.href;
  }

  /**
   * Takes the offer (and starts its POST), candidates, and the end of them. What the transport meets later is thrown by the
   * iteration and by the next `send`.
   */
  async send(signal: Signal, { signal: abort }: Abortable): Promise<void> {
    if (abort.aborted) throw SignalingError.from(abort.reason);
    if (!this.#isOpen)
      throw new SignalingError('closed', 'This conversation was closed; nothing more can be sent on it');
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.type === 'offer') return this.#offer(signal);
    const generation = this.#generation;
    if (signal.type === 'answer' || generation === undefined) throw outOfTurn();
    const ufrag = signal.usernameFragment ?? generation.offer.credentials.usernameFragment;
    // Late for its generation: nobody wants it any more (RFC 8838 section 10).
    if (ufrag !== generation.offer.credentials.usernameFragment) return;
    if (signal.type === 'end-of-candidates') generation.pump.end();
    else generation.pump.add({ line: parseCandidate(signal.candidate), mid: signal.sdpMid });
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    return this.#queue[Symbol.asyncIterator]();
  }

  close(reason?: SignalingError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async terminate(options: Abortable): Promise<void> {
    await this.close(new SignalingError('closed', 'The session was ended by this client'));
    await this.#delete(options);
  }

  async restart(offer: Offer, { signal }: Abortable): Promise<Answer> {
    const session = this.#session;
    if (session === undefined || this.#deleted !== undefined) {
      throw new SignalingError('invalid-state', 'There is no WHIP session to restart; connect again');
    }
    const info = readDescription(offer.sdp);
    const generation = this.#begin(info);
    try {
      const ice = await session.restart(info, { signal: AbortSignal.any([signal, generation.abort.signal]) });
      const sdp = withIce(this.#answerSdp, ice);
      this.#answerSdp = sdp;
      this.#isOpen = true;
      this.#failure = undefined;
      generation.pump.start();
      return { type: 'answer', sdp };
    } catch (thrown) {
      throw SignalingError.from(thrown);
    }
  }

  #offer(offer: Offer): void {
    if (this.#posted !== undefined) throw outOfTurn();
    const info = readDescription(offer.sdp);
    this.#begin(info);
    this.#posted = this.#post(offer).catch((thrown: unknown) => this.#fail(SignalingError.from(thrown)));
  }

  /** A new generation: nothing of the one before is sent any more, and nothing that it still meets counts. */
  #begin(offer: DescriptionInfo): Generation {
    this.#generation?.abort.abort(new SignalingError('aborted', 'A newer ICE restart has replaced this one'));
    this.#generation?.pump.stop();
    const abort = new AbortController();
    const pump = new TricklePump((batch) => this.#trickle({ offer, pump, abort }, batch));
    this.#generation = { offer, pump, abort };
    return this.#generation;
  }

  async #post(offer: Offer): Promise<void> {
    const { endpoint: url, http, answerTimeoutMs: timeoutMs } = this.#target;
    const headers = { 'content-type': SDP_TYPE };
    const signal = AbortSignal.any([this.#dialing, this.#posting.signal]);
    const reply = await http.send({ method: 'POST', url, headers, body: offer.sdp, timeoutMs }, { signal });
    if (reply.status < 200 || reply.status > 299) throw errorFromReply(reply, 'the offer');
    this.#session = this.#sessionOf(reply);
    try {
      requireAnswer(reply);
    } catch (thrown) {
      // Whatever it was that answered: what it opened is closed again.
      await this.#goodbye();
      throw thrown;
    }
    this.#answerSdp = reply.text;
    this.#iceServers = iceServersFromLink(reply.headers.get('link'));
    this.#queue.push({ type: 'answer', sdp: reply.text });
    await this.#startTrickle();
    this.#queue.end();
  }

  /** Resolves when the candidates gathered so far have reached the server, or failed to. */
  async #startTrickle(): Promise<void> {
    if (this.#session !== undefined) this.#generation?.pump.start();
    else this.#generation?.pump.stop();
    await this.#generation?.pump.flushed();
  }

  /** Without a Location there is nowhere to send candidates to, and nothing to end. */
  #sessionOf(reply: HttpReply): SessionResource | undefined {
    const location = reply.headers.get('location');
    if (location === null || !URL.canParse(location, reply.url)) return undefined;
    const url = new URL(location, reply.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
    // A server behind a proxy that ends TLS may not know of it; and a session URL in clear is a capability given away.
    if (reply.url.protocol === 'https:' && url.host === reply.url.host) url.protocol = 'https:';
    const { http, requestTimeoutMs, retryDelayMs } = this.#target;
    return new SessionResource({
      http,
      url,
      etag: reply.headers.get('etag'),
      requestTimeoutMs,
      retryDelayMs,
    });
  }

  async #trickle({ offer, abort }: Generation, batch: Batch): Promise<void> {
    try {
      await this.#session?.trickle(offer, batch, { signal: abort.signal });
    } catch (thrown) {
      if (!abort.signal.aborted) this.#fail(SignalingError.from(thrown));
    }
  }

  #fail(error: SignalingError): void {
    this.#failure ??= error;
    this.#queue.fail(error);
    this.#generation?.pump.stop();
  }

  async #close(reason: SignalingError | undefined): Promise<void> {
    this.#isOpen = false;
    this.#queue.end();
    this.#posting.abort(
      reason ?? new SignalingError('aborted', 'The conversation was closed before its answer'),
    );
    if (reason !== undefined) {
      this.#generation?.abort.abort(reason);
      await this.#posted;
      return this.#goodbye();
    }
    const limit = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    using _limit = onAbort(limit, (late) => this.#generation?.abort.abort(late));
    await this.#posted;
    await this.#generation?.pump.flushed();
  }

  async #goodbye(): Promise<void> {
    try {
      await this.#delete({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) });
    } catch {
      // The server ends a session that never connects by itself, and a connected one by ICE consent.
    }
  }

  #delete(options: Abortable): Promise<void> {
    this.#generation?.abort.abort(new SignalingError('closed', 'The session has ended'));
    this.#generation?.pump.stop();
    this.#deleted ??= this.#session?.delete(options) ?? Promise.resolve();
    return this.#deleted;
  }
}

/** @throws SignalingError `bad-message`, `bad-sdp` */
function requireAnswer(reply: HttpReply): void {
  const type = mediaType(reply.headers.get('content-type'));
  if (reply.text === '' || (type !== undefined && type !== SDP_TYPE)) {
    const hint = reply.redirected ? ' (it redirected in a way that drops the offer; it should use 307)' : '';
    throw new SignalingError(
      'bad-message',
      `The server did not answer with SDP${hint}; check that the URL is one of a WHIP endpoint`,
    );
  }
  readDescription(reply.text);
}

function outOfTurn(): SignalingError {
  return new SignalingError(
    'invalid-state',
    'A WHIP client sends one offer, then candidates; use restart for new ICE credentials',
  );
}
