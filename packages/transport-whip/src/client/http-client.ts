import { type Abortable, SignalingError } from '@ouro/signaling';
import { MAX_REPLY_BYTES } from './constants.ts';
import { errorFromFetch } from './network-error.ts';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** Its reply, read whole. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  /** After redirects. */
  readonly url: URL;
  readonly redirected: boolean;
  readonly text: string;
}

/** What an `HttpExchange` is asked: all that goes out. */
export type HttpMessage = Required<Omit<HttpRequest, 'timeoutMs'>>;

/**
 * Makes a request in place of `fetch`, following no redirect; undefined = this one is for `fetch`. It throws
 * SignalingError, errors of the system, or the signal's reason.
 */
export type HttpExchange = (
  message: HttpMessage,
  options: Abortable,
) => Promise<Pick<HttpReply, 'status' | 'headers' | 'text'> | undefined>;

/** Options of the client. */
export interface HttpClientOptions {
  readonly fetch: typeof fetch;
  /** Asked before `fetch`. */
  readonly exchange?: HttpExchange;
  /** Sent as a bearer token, and only to the origin of `endpoint`. */
  readonly token?: string;
  readonly endpoint: URL;
}

/** Requests with a time limit, a cap on the reply, and errors that say what to do. */
export class HttpClient {
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * Redirects are followed (307 and 308 keep a POST a POST). Any status resolves.
   * @throws SignalingError `unknown-host`, `refused`, `lost`, `unavailable`, `timeout`, `aborted`, `oversize`
   */
  async send(request: HttpRequest, { signal }: Abortable): Promise<HttpReply> {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    try {
      signal.throwIfAborted();
      const message = {
        method: request.method,
        url: request.url,
        headers: { ...request.headers, ...this.#authorization(request.url) },
        body: request.body ?? '',
      };
      const both = { signal: AbortSignal.any([signal, timeout]) };
      const lean = await this.#options.exchange?.(message, both);
      if (lean !== undefined) return { ...lean, url: request.url, redirected: false };
      return await this.#fetch(message, both);
    } catch (thrown) {
      if (signal.aborted) throw SignalingError.from(signal.reason);
      if (timeout.aborted) {
        throw new SignalingError(
          'timeout',
          `${request.url.host} did not answer within ${request.timeoutMs} ms; try again`,
        );
      }
      throw errorFromFetch(thrown, request.url.host);
    }
  }

  async #fetch(
    { method, url: asked, headers, body }: HttpMessage,
    { signal }: Abortable,
  ): Promise<HttpReply> {
    const response = await this.#options.fetch(asked, {
      method,
      headers,
      redirect: 'follow',
      credentials: 'omit',
      cache: 'no-store',
      signal,
      ...(body === '' ? {} : { body }),
    });
    const url = new URL(response.url || asked);
    refuseDowngrade(asked, url);
    const { status, redirected } = response;
    return { status, headers: response.headers, url, redirected, text: await readCapped(response) };
  }

  #authorization(url: URL): Record<string, string> {
    const { token, endpoint } = this.#options;
    return token === undefined || url.origin !== endpoint.origin ? {} : { authorization: `Bearer ${token}` };
  }
}

function refuseDowngrade(asked: URL, final: URL): void {
  if (asked.protocol === 'https:' && final.protocol !== 'https:') {
    throw new SignalingError(
      'bad-message',
      `${asked.host} redirected from https to http, which is not followed; check the URL`,
    );
  }
}

async function readCapped(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  // A reader, since not every browser can iterate a stream.
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_REPLY_BYTES) {
      await reader.cancel();
      throw new SignalingError(
        'oversize',
        `The server's reply has over ${MAX_REPLY_BYTES} bytes; it is not one of a WHIP endpoint`,
      );
    }
    text += decoder.decode(value, { stream: true });
  }
}
