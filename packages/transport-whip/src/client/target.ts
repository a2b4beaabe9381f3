import { SignalingError } from '@ouro/signaling';
import * as defaults from './constants.ts';
import { HttpClient, type HttpExchange } from './http-client.ts';

/** Where and how to reach a WHIP endpoint. */
export interface WhipTarget {
  /** `http:` or `https:`; without a path it means `/offer` there. */
  readonly url: string | URL;
  /** Bearer token (RFC 6750); without one no Authorization is ever sent. */
  readonly token?: string;
  /** Another `fetch`, for example one that pins a TLS certificate. @default the global one */
  readonly fetch?: typeof fetch;
  /** Asked before `fetch`, which in Node takes 30 ms to get ready for its first request. */
  readonly exchange?: HttpExchange;
  /** How long the answer may take, in ms. @default 25000 */
  readonly answerTimeoutMs?: number;
  /** How long any other request may take, in ms. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** Pause before the second attempt to send candidates, in ms; doubled for each further one. @default 250 */
  readonly retryDelayMs?: number;
}

/** A target with its defaults. */
export interface ResolvedTarget {
  readonly endpoint: URL;
  readonly http: HttpClient;
  readonly answerTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retryDelayMs: number;
}

/** Checks a target and fills it up. @throws SignalingError `bad-message` */
export function resolveTarget(target: WhipTarget): ResolvedTarget {
  const endpoint = parseUrl(target.url);
  if (target.token !== undefined && !/^[\x21-\x7e]+$/.test(target.token)) {
    throw new SignalingError(
      'bad-message',
      'The token has characters that no HTTP header may hold; check where it was copied from',
    );
  }
  return {
    endpoint,
    http: new HttpClient({
      // Called without a receiver, which a browser's fetch insists on.
      fetch: target.fetch ?? ((input, init) => fetch(input, init)),
      endpoint,
      ...(target.exchange === undefined ? {} : { exchange: target.exchange }),
      ...(target.token === undefined ? {} : { token: target.token }),
    }),
    answerTimeoutMs: target.answerTimeoutMs ?? defaults.ANSWER_TIMEOUT_MS,
    requestTimeoutMs: target.requestTimeoutMs ?? defaults.REQUEST_TIMEOUT_MS,
    retryDelayMs: target.retryDelayMs ?? defaults.RETRY_DELAY_MS,
  };
}

function parseUrl(text: string | URL): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SignalingError('bad-message', 'The target is not an http:// or https:// URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw new SignalingError(
      'bad-message',
      'The URL holds a user name or password, which is not sent; give a token instead',
    );
  }
  if (url.pathname === '/' && url.search === '') url.pathname = defaults.DEFAULT_PATH;
  return url;
}
