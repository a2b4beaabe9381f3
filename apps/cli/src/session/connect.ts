import type { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { IceServer } from '@ouro/ice';
import type { ExchangeRestart } from '@ouro/negotiation';
import { type Abortable, type Signaler, SignalingError } from '@ouro/signaling';
import { FIRST_TRY_MS } from '../constants.ts';
import type { Timeline } from '../report/timeline.ts';
import type { Dialed } from '../transport.ts';
import { Connection } from './connection.ts';
import { PathDeadline } from './path-deadline.ts';
import { type PreparedPeer, type PrepareOptions, preparePeer } from './prepared-peer.ts';

/** What a connection is made of. */
export interface ConnectOptions extends PrepareOptions, Abortable {
  /** Finds the host; called once for each attempt. */
  readonly dial: () => Promise<Dialed>;
  /** No WebRTC is wanted. */
  readonly isPlain: boolean;
  /** The only certificate that the host may show, where its transport does not vouch for it. */
  readonly expected: () => Promise<Fingerprint | undefined>;
  readonly timeline: Timeline;
  /** Longest negotiation, in ms, where nothing but WebRTC will do. */
  readonly timeoutMs: number;
  /** The agent takes the offer: from here on the network alone is waited for. */
  readonly onReady: () => void;
}

/** What came of it: a connection, or why the host has to do without one. Both hold what was dialled. */
export type Outcome =
  | { readonly dialed: Dialed; readonly connection: Connection; readonly fingerprint: Fingerprint }
  | { readonly dialed: Dialed; readonly connection: undefined; readonly failure: unknown };

/** Time for the answer once the agent takes the offer, in ms: it has to make its peer, and its sdp travels a slow link. */
const SIGNALING_MS = 10_000;

/**
 * Finds the host and connects with it, by whatever transport. A host may announce STUN and TURN servers with its answer,
 * when ours were asked already (RFC 9725 section 4.6): when no path is found without those, it is tried once more with them.
 * A transport that has a plain session gets it back with the failure instead of an error.
 * @throws SignalingError, SshError, FingerprintError, CliError
 */
export async function connect(options: ConnectOptions): Promise<Outcome> {
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

/** WebRTC is loaded and its peer made while the host is looked for, and the user perhaps asked. */
async function connectOnce(options: AttemptOptions): Promise<Outcome> {
  const preparing = options.isPlain ? undefined : preparePeer(options);
  // Whoever awaits it sees its failure; a dial that fails first does not.
  preparing?.catch(() => undefined);
  let dialed: Dialed | undefined;
  try {
    dialed = await options.dial();
    const { signaler } = dialed;
    if (signaler === undefined || preparing === undefined)
      return { dialed, connection: undefined, failure: undefined };
    const prepared = await preparing;
    const fingerprint = await new Attempt(options, dialed, signaler, prepared).run();
    const { session, peer } = prepared;
    return {
      dialed,
      fingerprint,
      connection: new Connection(session, peer, signaler, restartOver(signaler)),
    };
  } catch (thrown) {
    await closePrepared(preparing);
    await dialed?.signaler?.close();
    if (dialed?.plain !== undefined) return { dialed, connection: undefined, failure: thrown };
    await dialed?.[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function closePrepared(preparing: Promise<PreparedPeer> | undefined): Promise<void> {
  const [made] = await Promise.allSettled([preparing]);
  if (made.status === 'fulfilled') await made.value?.[Symbol.asyncDispose]();
}

/** One negotiation, from the offer to the connected peers. */
class Attempt {
  readonly #options: AttemptOptions;
  readonly #dialed: Dialed;
  readonly #signaler: Signaler;
  readonly #prepared: PreparedPeer;
  #isReady: boolean;
  #phase: Parameters<Timeline['enter']>[0] = 'gathering';

  constructor(options: AttemptOptions, dialed: Dialed, signaler: Signaler, prepared: PreparedPeer) {
    this.#options = options;
    this.#dialed = dialed;
    this.#signaler = signaler;
    this.#prepared = prepared;
    this.#isReady = dialed.ready === undefined;
  }

  /** @returns whom the peer is connected with @throws SignalingError */
  async run(): Promise<Fingerprint> {
    const { peer, servers } = this.#prepared;
    using deadline = new PathDeadline(peer);
    const isVouched = this.#signaler.remote.kind === 'login';
    const expected = isVouched ? undefined : await this.#options.expected();
    const negotiating = this.#negotiate(deadline, expected);
    try {
      await this.#untilReady(negotiating);
      const fingerprint = await negotiating;
      // For ICE restarts.
      peer.setConfiguration({ iceServers: [...servers, ...this.#announced()] });
      return fingerprint;
    } catch (thrown) {
      // Whatever the negotiation says of it, who has to get ready knows best why it did not.
      await negotiating.catch(() => undefined);
      throw deadline.signal.aborted ? deadline.signal.reason : thrown;
    }
  }

  /** Offers at once; a transport that has to get ready holds the offer until then. */
  async #negotiate(deadline: PathDeadline, expected: Fingerprint | undefined): Promise<Fingerprint> {
    const { negotiate } = await import('@ouro/negotiation');
    const { signal } = this.#options;
    const { remoteFingerprint } = await negotiate(this.#prepared.peer, this.#signaler, {
      role: 'offerer',
      signal: AbortSignal.any([signal, deadline.signal]),
      timeoutMs: this.#timeoutMs,
      onPhase: (phase) => {
        if (phase === 'ice') this.#startDeadline(deadline);
        if (phase === 'dtls') deadline.stop();
        this.#enter(phase === 'connected' ? 'channel' : phase);
      },
      ...(expected === undefined ? {} : { expectedFingerprint: expected }),
    });
    return remoteFingerprint;
  }

  get #timeoutMs(): number {
    const { plain, ready } = this.#dialed;
    if (plain === undefined) return this.#options.timeoutMs;
    return (ready?.timeoutMs ?? 0) + plain.pathTimeoutMs + SIGNALING_MS;
  }

  async #untilReady(negotiating: Promise<unknown>): Promise<void> {
    const { ready } = this.#dialed;
    if (ready === undefined) return;
    await Promise.race([ready.wait({ signal: this.#options.signal }), negotiating]);
    this.#isReady = true;
    this.#options.onReady();
    this.#options.timeline.enter(this.#phase);
  }

  /** There is no patience with a path where something else can be tried. */
  #startDeadline(deadline: PathDeadline): void {
    const { plain } = this.#dialed;
    const { onAnnounced } = this.#options;
    const announced = this.#announced();
    if (plain !== undefined) deadline.start(plain.pathTimeoutMs);
    else if (onAnnounced !== undefined && announced.length > 0) {
      onAnnounced(announced);
      deadline.start(FIRST_TRY_MS);
    }
  }

  #announced(): readonly IceServer[] {
    return this.#prepared.usable(this.#signaler.iceServers ?? []);
  }

  #enter(phase: Parameters<Timeline['enter']>[0]): void {
    this.#phase = phase;
    if (this.#isReady) this.#options.timeline.enter(phase);
  }
}

/** What brings a later offer, where the transport can. */
function restartOver(signaler: Signaler): ExchangeRestart | undefined {
  if (signaler.restart === undefined) return undefined;
  return async (sdp, options) => (await signaler.restart?.({ type: 'offer', sdp }, options))?.sdp ?? '';
}
