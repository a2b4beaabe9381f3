import { type Abortable, SignalingError, signalToJson } from '@ouro/signaling';
import { JSON_TYPE, SDPFRAG_TYPE } from '../shared/constants.ts';
import { formatEntityTag, parseEntityTag } from '../shared/entity-tag.ts';
import type { IceDescription } from '../shared/ice-description.ts';
import { mediaType } from '../shared/media-type.ts';
import type { DescriptionInfo } from '../shared/sdp.ts';
import { decodeSdpFragment, encodeSdpFragment } from '../shared/sdp-fragment.ts';
import { clientFragment, restartFragment } from './client-fragment.ts';
import { MAX_RETRY_DELAY_MS, TRICKLE_ATTEMPTS } from './constants.ts';
import type { HttpClient, HttpReply } from './http-client.ts';
import { pause } from './pause.ts';
import type { Batch } from './trickle-pump.ts';
import { errorFromReply, WhipError } from './whip-error.ts';

/** What a session is reached by. */
export interface SessionResourceOptions {
  readonly http: HttpClient;
  readonly url: URL;
  readonly etag: string | null;
  readonly requestTimeoutMs: number;
  readonly retryDelayMs: number;
}

/** How a server takes candidates: fragments; one JSON candidate at a time, as older servers do; not at all. */
type Form = 'fragment' | 'json' | 'none';

/** The session URL of a WHIP server (RFC 9725 section 4.3). */
export class SessionResource {
  readonly url: URL;
  readonly #options: SessionResourceOptions;
  #etag: string | undefined;
  #form: Form = 'fragment';

  constructor(options: SessionResourceOptions) {
    this.url = options.url;
    this.#options = options;
    this.#etag = strongTag(options.etag);
  }

  /**
   * Sends candidates; again when the server is busy or the network broke. A server that refuses fragments is tried with
   * JSON, one that refuses both for what they are is not told of candidates any more: its own may do.
   * @throws SignalingError
   */
  async trickle(offer: DescriptionInfo, batch: Batch, options: Abortable): Promise<void> {
    if (this.#form === 'fragment') await this.#trickleFragment(offer, batch, options);
    else if (this.#form === 'json') await this.#trickleJson(offer, batch, options);
  }

  /**
   * Asks for new server credentials and candidates (RFC 9725 section 4.3.3).
   * @throws SignalingError `unprocessable` when the server does not restart, or what it says
   */
  async restart(offer: DescriptionInfo, options: Abortable): Promise<IceDescription> {
    const reply = await this.#patch(SDPFRAG_TYPE, encodeSdpFragment(restartFragment(offer)), '*', options);
    if (!isSuccess(reply)) throw asCannotRestart(errorFromReply(reply, 'the ICE restart'));
    if (mediaType(reply.headers.get('content-type')) !== SDPFRAG_TYPE) {
      throw new SignalingError('unprocessable', 'The server did not restart ICE; connect again');
    }
    const answer = decodeSdpFragment(new TextEncoder().encode(reply.text));
    options.signal.throwIfAborted();
    this.#etag = strongTag(reply.headers.get('etag'));
    return answer;
  }

  /** Ends the session. One that is gone already is no error. @throws SignalingError */
  async delete(options: Abortable): Promise<void> {
    const { http, requestTimeoutMs: timeoutMs } = this.#options;
    const reply = await http.send({ method: 'DELETE', url: this.url, timeoutMs }, options);
    if (!isSuccess(reply) && reply.status !== 404 && reply.status !== 410)
      throw errorFromReply(reply, 'to end the session');
  }

  async #trickleFragment(offer: DescriptionInfo, batch: Batch, options: Abortable): Promise<void> {
    const body = encodeSdpFragment(clientFragment(offer, batch.candidates, batch.end));
    try {
      await this.#persist(() => this.#patch(SDPFRAG_TYPE, body, this.#etag, options), options);
    } catch (thrown) {
      if (!(thrown instanceof WhipError) || !refusesTheForm(thrown)) throw thrown;
      await this.#tryJson(offer, batch, thrown, options);
    }
  }

  async #tryJson(
    offer: DescriptionInfo,
    batch: Batch,
    refusal: WhipError,
    options: Abortable,
  ): Promise<void> {
    try {
      await this.#trickleJson(offer, batch, options);
      this.#form = 'json';
    } catch (thrown) {
      if (!(thrown instanceof WhipError) || !refusesTheForm(thrown)) throw thrown;
      if (!refusesTrickle(refusal) && !refusesTrickle(thrown)) throw refusal;
      this.#form = 'none';
    }
  }

  /** Servers of this form know no end-of-candidates; without it only a failure is noticed later (RFC 8838 section 14). */
  async #trickleJson(offer: DescriptionInfo, batch: Batch, options: Abortable): Promise<void> {
    const { usernameFragment } = offer.credentials;
    for (const { line, mid } of batch.candidates) {
      const init = {
        type: 'candidate',
        candidate: line.text,
        sdpMid: mid,
        sdpMLineIndex: 0,
        usernameFragment,
      } as const;
      const body = JSON.stringify(signalToJson(init));
      await this.#persist(() => this.#patch(JSON_TYPE, body, undefined, options), options);
    }
  }

  #patch(type: string, body: string, ifMatch: string | undefined, options: Abortable): Promise<HttpReply> {
    const headers = { 'content-type': type, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) };
    const { http, requestTimeoutMs: timeoutMs } = this.#options;
    return http.send({ method: 'PATCH', url: this.url, headers, body, timeoutMs }, options);
  }

  async #persist(attempt: () => Promise<HttpReply>, options: Abortable): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      const error = await failureOf(attempt);
      if (error === undefined) return;
      if (!error.edge.retryable || error.code === 'precondition-failed' || tried >= TRICKLE_ATTEMPTS)
        throw error;
      const asked = error instanceof WhipError ? error.retryAfterMs : undefined;
      await pause(
        Math.min(asked ?? this.#options.retryDelayMs * 2 ** (tried - 1), MAX_RETRY_DELAY_MS),
        options,
      );
    }
  }
}

async function failureOf(attempt: () => Promise<HttpReply>): Promise<SignalingError | undefined> {
  try {
    const reply = await attempt();
    return isSuccess(reply) ? undefined : errorFromReply(reply, 'the candidates');
  } catch (thrown) {
    return SignalingError.from(thrown);
  }
}

function isSuccess({ status }: HttpReply): boolean {
  return status >= 200 && status < 300;
}

/** Any 4xx that is not about who asks, how often, or whether the session is there (no single code is relied on). */
function refusesTheForm({ status }: WhipError): boolean {
  const elsewhere = [401, 403, 404, 407, 408, 409, 410, 412, 428, 429];
  return status === 501 || (status >= 400 && status < 500 && !elsewhere.includes(status));
}

/** Whatever a server says that knows no restart: the way on is a new session. */
function asCannotRestart(error: WhipError): WhipError {
  return refusesTheForm(error) ? new WhipError('unprocessable', error.message, error) : error;
}

function refusesTrickle({ status }: WhipError): boolean {
  return status === 405 || status === 422 || status === 501;
}

/** A weak tag never matches, so it is as good as none. */
function strongTag(header: string | null): string | undefined {
  const tag = parseEntityTag(header);
  return tag === undefined || tag.weak ? undefined : formatEntityTag(tag.opaque);
}
