import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@ouro/base';
import { Deadline } from '@ouro/base';
import {
  type Answer,
  type IceCredentials,
  type Offer,
  type RestartHandler,
  type RestartRequest,
  SignalingError,
  SignalQueue,
  type Trickle,
  throwIfAborted,
  unlessAborted,
} from '@ouro/signaling';
import { credentialsOf, type IceDescription } from '../shared/ice-description.ts';
import { type DescriptionInfo, readDescription, withIce } from '../shared/sdp.ts';
import { ENTITY_TAG_BYTES, MAX_RETIRED_UFRAGS } from './constants.ts';
import { Generation } from './generation.ts';
import { SerialQueue } from './serial-queue.ts';
import { SessionSignaler } from './session-signaler.ts';
import type { WhipSession } from './whip-session.ts';

/** What a new session is made of. */
export interface SessionInit {
  readonly id: string;
  readonly offer: Offer;
  readonly info: DescriptionInfo;
  readonly trickle: Trickle;
  /** The token of the POST: later requests must bring the same one. */
  readonly bearer?: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly answerTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxWaitingPatches: number;
}

/** One WHIP session: its signaler, its ICE generations, its entity-tag, its end. */
export class ServerSession implements WhipSession {
  readonly id: string;
  readonly signaler: SessionSignaler;
  readonly info: DescriptionInfo;
  /** PATCH requests of this session, one after the other: a tag is compared and credentials are swapped in one go. */
  readonly patches: SerialQueue;
  readonly #init: SessionInit;
  readonly #ending = new AbortController();
  readonly #bearerHash: Buffer | undefined;
  readonly #retired = new Set<string>();
  readonly #answerTimer: () => void;
  readonly #connectTimer: () => void;
  #offerSdp: string;
  #generation: Generation;
  #entityTag: string;
  #restartHandler: RestartHandler | undefined;

  constructor(init: SessionInit) {
    this.#init = init;
    this.id = init.id;
    this.info = init.info;
    this.patches = new SerialQueue(init.maxWaitingPatches);
    this.#offerSdp = init.offer.sdp;
    this.#bearerHash = init.bearer === undefined ? undefined : hash(init.bearer);
    this.signaler = new SessionSignaler(init.offer, init.trickle, this);
    this.#generation = new Generation(init.info.credentials, init.info, this.signaler.queue);
    this.#entityTag = this.#newEntityTag();
    const endAfter = (ms: number, why: string) =>
      init.clock.after(ms, () => this.end(late(why)), { unref: true });
    this.#answerTimer = endAfter(
      init.answerTimeoutMs,
      'The host did not answer the offer in time; try again',
    );
    this.#connectTimer = endAfter(init.connectTimeoutMs, 'The peers did not connect in time; try again');
    this.signaler.answer.then(this.#answerTimer, this.#answerTimer);
  }

  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Opaque part of the strong entity-tag of the current ICE session. */
  get entityTag(): string {
    return this.#entityTag;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get canRestart(): boolean {
    return this.#restartHandler !== undefined;
  }

  connected(): void {
    this.#connectTimer();
  }

  closed(): void {
    this.end(new SignalingError('closed', 'The peer closed'));
  }

  onRestart(handler: RestartHandler): void {
    this.#restartHandler = handler;
  }

  /** Ends the session once; the first reason stays. */
  end(reason: SignalingError): void {
    if (this.#ending.signal.aborted) return;
    this.#answerTimer();
    this.#connectTimer();
    this.#ending.abort(reason);
    this.signaler.endedBy(reason);
    this.#generation.close();
  }

  /** Whether a request may touch this session: with the token that opened it, if one did. */
  admits(bearer: string | undefined): boolean {
    if (this.#bearerHash === undefined) return true;
    return bearer !== undefined && timingSafeEqual(this.#bearerHash, hash(bearer));
  }

  /** Whether these credentials were in use once: a late trickle, not a restart. */
  isRetired({ usernameFragment }: Pick<IceCredentials, 'usernameFragment'>): boolean {
    return this.#retired.has(usernameFragment);
  }

  /**
   * Restarts ICE (RFC 9725 section 4.3.3): asks the host, then swaps credentials and entity-tag.
   * @throws SignalingError `unprocessable` without a handler, or what the host said; the session stays as it was
   */
  async restart(ice: IceDescription): Promise<DescriptionInfo> {
    const handler = this.#restartHandler;
    const credentials = credentialsOf(ice);
    if (handler === undefined || credentials === null) {
      throw new SignalingError('unprocessable', 'This session cannot restart ICE; open a new one');
    }
    const sdp = withIce(this.#offerSdp, ice);
    const next = new Generation(credentials, ice, new SignalQueue());
    try {
      const answer = await this.#ask(handler, {
        offer: { type: 'offer', sdp },
        candidates: candidatesOf(next),
      });
      const info = readDescription(answer.sdp);
      this.#replace(next, sdp);
      return info;
    } catch (thrown) {
      next.close();
      throw SignalingError.from(thrown);
    }
  }

  async #ask(handler: RestartHandler, request: RestartRequest): Promise<Answer> {
    const { clock, answerTimeoutMs } = this.#init;
    const reason = () => late('The host did not restart ICE in time');
    using deadline = new Deadline(this.ended, answerTimeoutMs, { clock, reason });
    const { signal } = deadline;
    throwIfAborted(signal);
    return await unlessAborted(handler(request, { signal }), signal);
  }

  #replace(next: Generation, offerSdp: string): void {
    this.ended.throwIfAborted();
    this.#retired.add(this.#generation.credentials.usernameFragment);
    const [oldest] = this.#retired;
    if (this.#retired.size > MAX_RETIRED_UFRAGS && oldest !== undefined) this.#retired.delete(oldest);
    this.#generation.close();
    this.#generation = next;
    this.#offerSdp = offerSdp;
    this.#entityTag = this.#newEntityTag();
  }

  #newEntityTag(): string {
    return Buffer.from(this.#init.random(ENTITY_TAG_BYTES)).toString('base64url');
  }
}

async function* candidatesOf(generation: Generation): RestartRequest['candidates'] {
  for await (const signal of generation.signals) {
    if (signal.type === 'candidate' || signal.type === 'end-of-candidates') yield signal;
  }
}

function late(message: string): SignalingError {
  return new SignalingError('timeout', message);
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
