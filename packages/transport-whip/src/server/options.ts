import type { Clock } from '@ouro/base';
import type { Authorizer, Fingerprint } from '@ouro/fingerprint';
import type { Signaler } from '@ouro/signaling';
import type { IceServer } from '../shared/ice-server.ts';
import * as defaults from './constants.ts';
import type { RateLimit } from './rate-limit.ts';
import type { WhipSession } from './whip-session.ts';
import type { WhipSessions } from './whip-sessions.ts';

/** Every cap of the server. */
export interface WhipLimits {
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxWaitingPatches: number;
  /** POST to the endpoint, also of the oldest form. */
  readonly post: RateLimit;
  readonly patch: RateLimit;
  readonly delete: RateLimit;
}

/**
 * Caps for a person's own host. The rates let a script connect a thousand times in a row, which is over in half a
 * minute, and then twenty times a second.
 */
export const DEFAULT_LIMITS: WhipLimits = {
  maxSessions: defaults.MAX_SESSIONS,
  maxSessionsPerAddress: defaults.MAX_SESSIONS_PER_ADDRESS,
  maxBodyBytes: defaults.MAX_BODY_BYTES,
  bodyTimeoutMs: defaults.BODY_TIMEOUT_MS,
  answerTimeoutMs: defaults.ANSWER_TIMEOUT_MS,
  connectTimeoutMs: defaults.CONNECT_TIMEOUT_MS,
  maxWaitingPatches: defaults.MAX_WAITING_PATCHES,
  post: { perAddress: { burst: 1_000, perSecond: 20 }, total: { burst: 4_000, perSecond: 200 } },
  patch: { perAddress: { burst: 4_000, perSecond: 100 }, total: { burst: 16_000, perSecond: 1_000 } },
  delete: { perAddress: { burst: 1_000, perSecond: 20 }, total: { burst: 4_000, perSecond: 200 } },
};

/** Who opened a session, and the session. */
export interface WhipSessionContext {
  /** Address of the client, as Fastify has it (`trustProxy` included). */
  readonly address: string;
  /** What the Authorizer calls the client. */
  readonly label?: string;
  /** Nobody but the client and this host could read the exchange: it came over HTTPS, or from this machine. */
  readonly secure: boolean;
  /** The bearer token that came with the offer. A secret. */
  readonly bearer?: string;
  /** Of the offer: authorized, or vouched for by a bearer token. DTLS must still prove it. */
  readonly fingerprint: Fingerprint;
  readonly session: WhipSession;
  /**
   * For `negotiate` at the host, which wants to be told that the offer's certificate may connect: it may, since the
   * plugin has asked the Authorizer already. @throws SignalingError `unauthorized` for another one
   */
  readonly authorize: (fingerprint: Fingerprint) => Promise<void>;
}

/**
 * Takes one session. The offer's sender **is authorized already**: give `context.authorize` to `negotiate`, and do not
 * ask an Authorizer again. A rejection ends the session; resolving means nothing.
 */
export type OnSession = (signaler: Signaler, context: WhipSessionContext) => void | Promise<void>;

/** Options of the Fastify plugin. */
export interface WhipServerOptions {
  /** Asked once for each offer, before anything else is done with it. */
  readonly authorizer: Authorizer;
  readonly onSession: OnSession;
  /** The endpoint URL. @default '/offer' */
  readonly path?: string;
  /** Session URLs are below it. @default '/candidates' */
  readonly sessionPath?: string;
  /** Where the oldest form is served (base64 JSON, no trickle), for example `['/connect']`. @default [] */
  readonly connectPaths?: readonly string[];
  /** Announced to each client in Link headers; a function is asked for each session. */
  readonly iceServers?: readonly IceServer[] | ((context: WhipSessionContext) => readonly IceServer[]);
  /**
   * Origins of pages that may read the replies. Everyone by default: authorization rides on the offer's fingerprint or
   * a bearer token, never on a cookie, so a foreign page has nothing to borrow.
   * @default '*'
   */
  readonly origins?: '*' | readonly string[];
  readonly limits?: Partial<WhipLimits>;
  readonly clock?: Clock;
  /** Cryptographically strong random bytes. */
  readonly random?: (bytes: number) => Uint8Array;
  /** Where the open sessions are kept: to be watched, or shared by several endpoints. */
  readonly sessions?: WhipSessions;
}
