import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '@ouro/base';
import { SignalingError } from '@ouro/signaling';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressKey } from './address.ts';
import { DEFAULT_LIMITS, type WhipLimits, type WhipServerOptions } from './options.ts';
import { HttpError } from './problem.ts';
import { RateLimiter } from './rate-limit.ts';
import { WhipSessions } from './whip-sessions.ts';

/** What all routes of one plugin share. */
export interface ServerContext {
  readonly options: WhipServerOptions;
  readonly limits: WhipLimits;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly sessions: WhipSessions;
  readonly sessionPath: string;
  readonly rates: Readonly<Record<'post' | 'patch' | 'delete', RateLimiter>>;
  /** The promises of `onSession` that have not settled yet. */
  readonly handlers: Set<Promise<void>>;
}

/** The options with their defaults. */
export function createContext(options: WhipServerOptions): ServerContext {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  return {
    options,
    limits,
    clock,
    random: options.random ?? randomBytes,
    sessions: options.sessions ?? new WhipSessions(),
    sessionPath: options.sessionPath ?? '/candidates',
    rates: {
      post: new RateLimiter(limits.post, clock),
      patch: new RateLimiter(limits.patch, clock),
      delete: new RateLimiter(limits.delete, clock),
    },
    handlers: new Set(),
  };
}

/** Counts one request. @throws HttpError 429 with Retry-After in seconds (RFC 6585 section 4) */
export function countRequest(
  context: ServerContext,
  kind: 'post' | 'patch' | 'delete',
  request: FastifyRequest,
): void {
  const wait = context.rates[kind].take(addressKey(request.ip));
  if (wait === 0) return;
  const seconds = String(Math.max(1, Math.ceil(wait / 1000)));
  throw new HttpError('too-many', `Too many ${kind.toUpperCase()} requests; wait ${seconds} s`, 429, {
    'retry-after': seconds,
  });
}

/** Aborts when the client has gone before its reply was sent. */
export function requestGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      gone.abort(new SignalingError('lost', 'The client went away before the answer'));
  });
  return gone.signal;
}

/** The body, read by the plugin's own parser; empty when there was none. */
export function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}
