import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '@ouro/fingerprint';
import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { IceServer, IceServerError } from '@ouro/ice';
import type { ExchangeRestart } from '@ouro/negotiation';
import type { Peer } from '@ouro/peer';
import type { SessionError } from '@ouro/session';
import type { Session } from '@ouro/session/client';
import { type Abortable, type Signaler, SignalingError } from '@ouro/signaling';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { CONSENT_TIMEOUT_MS, GOODBYE_MS } from '../constants.ts';
import type { Timeline } from '../report/timeline.ts';
import { dial, type RoadSignaler } from '../roads.ts';
import { isLoopback, type Target } from '../target.ts';
import { FirstTry } from './first-try.ts';
import type { Trust } from './trust.ts';

/** What a connection is made of. */
export interface ConnectOptions extends Abortable {
  readonly target: Target;
  readonly identity: Promise<Identity>;
  readonly iceServers: Promise<readonly IceServer[]>;
  readonly onIceServerError: (error: IceServerError) => void;
  readonly trust: Trust;
  readonly timeline: Timeline;
  readonly version: string;
  readonly timeoutMs: number;
  readonly tokenFile?: string;
  /** The one TLS certificate that the endpoint may show; remembered when the connection is made. */
  readonly tlsPin?: Fingerprint;
}

/** A session with a host, and the peer under it. Disposing closes both. */
export class Connection implements AsyncDisposable {
  readonly session: Session;
  readonly peer: Peer;
  /** Brings an offer that restarts ICE to the far end; undefined if the road that made the connection cannot. */
  readonly restart: ExchangeRestart | undefined;
  readonly #signaler: Pick<Signaler, 'close'>;
  readonly #lost = new AbortController();

  /** @param signaler is closed with it */
  constructor(
    session: Session,
    peer: Peer,
    signaler: Pick<Signaler, 'close'>,
    restart: ExchangeRestart | undefined,
  ) {
    this.session = session;
    this.peer = peer;
    this.restart = restart;
    this.#signaler = signaler;
    const check = () => {
      const { connectionState, iceConnectionState } = peer;
      // When ICE alone has failed, it can be restarted: whoever keeps the path says when it is over.
      const isOver = connectionState === 'failed' && iceConnectionState !== 'failed';
      if (isOver || connectionState === 'closed')
        this.giveUp(session.farewell ?? new SignalingError('lost', 'The far end is gone'));
    };
    peer.addEventListener('connectionstatechange', check);
    check();
  }

  /** The far end cannot be reached any more. The first reason stays. */
  giveUp(reason: SignalingError | SessionError): void {
    this.#lost.abort(reason);
  }

  /** Fires when the far end is gone for good: with a SignalingError `lost`, or a SessionError `stopped` if it said so. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Says goodbye, for a short while: the far end notices a client that is gone by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    const goodbye = this.#close().finally(() => over.abort());
    await Promise.race([
      goodbye,
      delay(GOODBYE_MS, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
  }

  async #close(): Promise<void> {
    await this.session.close();
    await Promise.allSettled([this.peer[Symbol.asyncDispose](), this.#signaler.close()]);
  }
}

/**
 * Finds the target by its road and connects with it. A host may announce STUN and TURN servers with its answer, when ours
 * were asked already (RFC 9725 section 4.6): when no path is found without those, it is tried once more with them.
 * @throws SignalingError, FingerprintError, CliError
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  let announced: readonly IceServer[] = [];
  const onAnnounced = (servers: readonly IceServer[]) => {
    announced = servers;
  };
  try {
    return await connectOnce({ ...options, onAnnounced });
  } catch (thrown) {
    const noPath = thrown instanceof SignalingError && thrown.code === 'ice-failed';
    if (!noPath || announced.length === 0 || options.signal.aborted) throw thrown;
    const iceServers = Promise.resolve([...(await options.iceServers), ...announced]);
    return await connectOnce({ ...options, iceServers });
  }
}

interface AttemptOptions extends ConnectOptions {
  /** Takes what the host announces; there is another attempt with it, so this one need not be patient. */
  readonly onAnnounced?: (servers: readonly IceServer[]) => void;
}

/** The code of WebRTC is loaded while the identity and the known hosts are read. */
async function connectOnce(options: AttemptOptions): Promise<Connection> {
  const { target, timeline, trust, signal } = options;
  const { tlsPin } = options;
  const dialling = dial(target, {
    ...options,
    tlsPin: async () => tlsPin ?? (await trust.tlsPin()),
  });
  const loading = Promise.all([
    dialling,
    import('@ouro/peer'),
    import('@ouro/ice'),
    import('@ouro/negotiation'),
    import('@ouro/session/client'),
    options.identity,
    trust.expected(),
    options.iceServers,
  ]);
  const [
    signaler,
    { createPeer },
    { usableIceServers },
    { negotiate },
    { Session },
    identity,
    expected,
    own,
  ] = await loading.catch((error: unknown) => closeAfter(dialling, error));
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(signaler);
  const local = target.road === 'whip' && isLoopback(target.url);
  const peer = cleanup.use(
    await createPeer({
      identity,
      iceServers: local ? [] : [...own],
      consentTimeoutMs: CONSENT_TIMEOUT_MS,
      loopbackOnly: local,
    }),
  );
  peer.addEventListener('icecandidateerror', (error) => options.onIceServerError(error));
  const session = cleanup.use(await Session.open(peer, { signal, version: options.version }));
  const announced = () => (local ? [] : usableIceServers(signaler.iceServers ?? []));
  using firstTry = new FirstTry();
  const { remoteFingerprint } = await negotiate(peer, signaler, {
    role: 'offerer',
    signal: AbortSignal.any([signal, firstTry.signal]),
    timeoutMs: options.timeoutMs,
    onPhase: (phase) => {
      if (phase === 'ice' && options.onAnnounced !== undefined && announced().length > 0) {
        options.onAnnounced(announced());
        firstTry.start();
      }
      if (phase === 'dtls') firstTry.stop();
      timeline.enter(phase === 'connected' ? 'channel' : phase);
    },
    ...(expected === undefined ? {} : { expectedFingerprint: expected }),
  });
  // For ICE restarts.
  peer.setConfiguration({ iceServers: [...(local ? [] : own), ...announced()] });
  await trust.check(remoteFingerprint, tlsPin);
  cleanup.move();
  return new Connection(session, peer, signaler, restartOver(signaler));
}

/** WHIP's session URL outlives its conversation. */
function restartOver(signaler: RoadSignaler): ExchangeRestart | undefined {
  if (signaler.restart === undefined) return undefined;
  return async (sdp, options) => (await signaler.restart?.({ type: 'offer', sdp }, options))?.sdp ?? '';
}

/** Closes what the dialling has opened although another part failed; always throws `error`. */
async function closeAfter(dialling: Promise<RoadSignaler>, error: unknown): Promise<never> {
  const [opened] = await Promise.allSettled([dialling]);
  if (opened.status === 'fulfilled') await opened.value.close();
  throw error;
}
