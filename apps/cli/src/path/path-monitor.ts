import { type ExchangeRestart, restartIce } from '@ouro/negotiation';
import type { SelectedPair } from '@ouro/peer';
import { SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import {
  ATTEMPT_TIMEOUT_MS,
  GIVE_UP_MS,
  GONE_AFTER_MS,
  LOOK_EVERY_MS,
  PING_AFTER_MS,
  PING_EVERY_MS,
  REFUSED_AFTER_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  STOPPED_MS,
  SUSPECT_AFTER_MS,
} from './constants.ts';

/** What is to be known and done about the path of a connection. */
export interface MonitoredPath {
  /** `over`: nothing can bring it back. */
  readonly state: 'up' | 'broken' | 'over';
  readonly silentMs: number;
  readonly pair: SelectedPair | undefined;
  /** Asks the far end for a sign of life. */
  ping(): void;
  /** Finds another path. @throws SignalingError */
  restart: ((options: { signal: AbortSignal; timeoutMs: number }) => Promise<void>) | undefined;
}

export interface PathMonitorOptions {
  readonly path: MonitoredPath;
  /** Addresses of this machine. */
  readonly addresses: () => readonly string[];
  /** The path is gone since so many milliseconds; told again with each look. */
  readonly onGone: (ms: number) => void;
  /** There is a path after so many milliseconds without. */
  readonly onFound: (ms: number) => void;
  /** Another path is in use, whether or not the one before was gone. */
  readonly onMoved: (pair: SelectedPair | undefined) => void;
  /** It is over. Once. */
  readonly onLost: (error: SignalingError) => void;
  readonly giveUpMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** What no second attempt changes: the endpoint is not there, does not know the connection, or is somebody else's. */
const FINAL: ReadonlySet<SignalingErrorCode> = new Set([
  'refused',
  'not-found',
  'unauthorized',
  'unprocessable',
  'fingerprint-mismatch',
  'invalid-state',
  'bad-sdp',
  'closed',
]);

/**
 * Watches over the path of a connection: asks when it is silent, restarts ICE when it is gone or this machine has moved,
 * and says when it is over.
 */
export class PathMonitor implements Disposable {
  readonly #options: PathMonitorOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #over = new AbortController();
  #addresses: string;
  #lookedAt: number;
  /** Silence counts from here at the earliest. */
  #trustedAt: number;
  #goneAfterMs = GONE_AFTER_MS;
  #goneSince: number | undefined;
  #moved = false;
  #attempt: AbortController | undefined;
  #failures = 0;
  #nextAttemptAt = 0;
  #refusal: SignalingError | undefined;

  constructor(options: PathMonitorOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#addresses = options.addresses().join();
    this.#lookedAt = this.#now();
    this.#trustedAt = this.#lookedAt;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#over.abort(new SignalingError('closed', 'The connection is over'));
  }

  #look(): void {
    if (this.#over.signal.aborted) return;
    const now = this.#now();
    if (now - this.#lookedAt > LOOK_EVERY_MS + STOPPED_MS) this.#suspect(now);
    this.#lookedAt = now;
    this.#lookAtAddresses(now);
    const { path } = this.#options;
    if (path.state === 'over') {
      this.#lost(new SignalingError('lost', 'The far end is gone'));
      return;
    }
    const silentMs = Math.min(path.silentMs, now - this.#trustedAt);
    if (silentMs > Math.min(PING_AFTER_MS, this.#goneAfterMs / 2)) path.ping();
    if (path.state === 'broken' || silentMs > this.#goneAfterMs) this.#gone(now, path.silentMs);
    else if (path.silentMs < 2 * LOOK_EVERY_MS) this.#up(now);
    if (this.#goneSince !== undefined || this.#moved) this.#try(now);
  }

  /** A sign of life is due soon, however long ago the last one was. */
  #suspect(now: number): void {
    this.#trustedAt = now;
    this.#goneAfterMs = SUSPECT_AFTER_MS;
    this.#options.path.ping();
  }

  #lookAtAddresses(now: number): void {
    const addresses = this.#options.addresses();
    const text = addresses.join();
    if (text === this.#addresses) return;
    this.#addresses = text;
    const { pair } = this.#options.path;
    const isOurs =
      pair !== undefined && (pair.local.type === 'relay' || addresses.includes(pair.local.address));
    this.#nextAttemptAt = 0;
    this.#failures = 0;
    this.#attempt?.abort(new SignalingError('aborted', 'The addresses of this machine have changed'));
    if (isOurs) this.#suspect(now);
    else if (addresses.length > 0) this.#moved = true;
  }

  #gone(now: number, silentMs: number): void {
    this.#goneSince ??= now - Math.min(silentMs, now - this.#trustedAt);
    const ms = now - this.#goneSince;
    const { path, giveUpMs = GIVE_UP_MS } = this.#options;
    const refusal = path.restart === undefined ? NO_TRANSPORT : this.#refusal;
    const hopeless = path.state === 'broken' || (path.restart !== undefined && silentMs > REFUSED_AFTER_MS);
    if (refusal !== undefined && hopeless)
      this.#lost(new SignalingError('lost', refusal.message, { cause: refusal }));
    else if (ms > giveUpMs) this.#lost(new SignalingError('lost', 'No path was found in time'));
    else this.#options.onGone(ms);
  }

  #up(now: number): void {
    if (now - this.#options.path.silentMs > this.#trustedAt) this.#goneAfterMs = GONE_AFTER_MS;
    if (this.#goneSince === undefined) return;
    const ms = now - this.#goneSince;
    this.#goneSince = undefined;
    this.#refusal = undefined;
    this.#failures = 0;
    this.#options.onFound(ms);
  }

  #try(now: number): void {
    const { restart } = this.#options.path;
    if (restart === undefined || this.#attempt !== undefined || now < this.#nextAttemptAt) return;
    if (this.#over.signal.aborted || this.#refusal !== undefined) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const signal = AbortSignal.any([attempt.signal, this.#over.signal]);
    restart({ signal, timeoutMs: ATTEMPT_TIMEOUT_MS }).then(
      () => this.#succeeded(),
      (thrown: unknown) => this.#failed(SignalingError.from(thrown), attempt.signal.aborted),
    );
  }

  #succeeded(): void {
    this.#attempt = undefined;
    this.#moved = false;
    if (this.#over.signal.aborted) return;
    this.#options.onMoved(this.#options.path.pair);
    this.#look();
  }

  #failed(error: SignalingError, replaced: boolean): void {
    this.#attempt = undefined;
    if (replaced) {
      this.#look();
      return;
    }
    if (FINAL.has(error.code)) {
      this.#refusal = error;
      // The path that is there may be good still; when it is not, this is why there will be no other.
      if (this.#moved) this.#suspect(this.#now());
      this.#moved = false;
    }
    this.#nextAttemptAt = this.#now() + Math.min(RETRY_MIN_MS * 2 ** this.#failures, RETRY_MAX_MS);
    this.#failures += 1;
  }

  #lost(error: SignalingError): void {
    this[Symbol.dispose]();
    this.#options.onLost(error);
  }
}

const NO_TRANSPORT = new SignalingError(
  'lost',
  'The transport that made the connection cannot bring another path',
);

/** The path of a peer, restarted by `exchange`; without it, it can only be watched. */
export function pathOfPeer(
  peer: Parameters<typeof restartIce>[0] & {
    quality(): { readonly silentMs: number; readonly pair: SelectedPair | undefined };
    measureRtt(): Promise<number | undefined>;
  },
  exchange: ExchangeRestart | undefined,
): MonitoredPath {
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    get state() {
      const { connectionState, iceConnectionState } = peer;
      if (connectionState === 'closed') return 'over';
      // ICE alone can be restarted.
      if (connectionState === 'failed') return iceConnectionState === 'failed' ? 'broken' : 'over';
      return 'up';
    },
    get silentMs() {
      return peer.quality().silentMs;
    },
    get pair() {
      return peer.quality().pair;
    },
    ping() {
      const now = performance.now();
      if (now - askedAt < PING_EVERY_MS) return;
      askedAt = now;
      // Its answer shows as the end of the silence.
      peer.measureRtt().catch(() => undefined);
    },
    restart: exchange && ((options) => restartIce(peer, exchange, options)),
  };
}
