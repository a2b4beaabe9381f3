import type { Identity } from '@ouro/fingerprint';
import type { IceServer, IceServerError } from '@ouro/ice';
import type { Peer } from '@ouro/peer';
import type { Session } from '@ouro/session/client';
import { type Abortable, SignalingError } from '@ouro/signaling';
import type { ClientPipe } from '@ouro/transport-ssh';
import { CONSENT_TIMEOUT_MS } from '../constants.ts';
import type { Timeline } from '../report/timeline.ts';
import { Connection } from '../session/connection.ts';
import type { LoggedIn } from './login.ts';

/** A peer that is ready to offer, made while SSH logs in. Disposing closes it. */
export interface Prepared extends AsyncDisposable {
  readonly peer: Peer;
  readonly session: Session;
}

/** What a peer of a hybrid session is made of. */
export interface PrepareOptions {
  readonly identity: Promise<Identity>;
  readonly iceServers: Promise<readonly IceServer[]>;
  readonly onIceServerError: (error: IceServerError) => void;
  readonly version: string;
}

/** Loads WebRTC and makes a peer. The first offer waits for no server: what they tell follows it. */
export async function prepare(options: PrepareOptions, { signal }: Abortable): Promise<Prepared> {
  const { version } = options;
  const [{ createPeer }, { Session }, identity, iceServers] = await Promise.all([
    import('@ouro/peer'),
    import('@ouro/session/client'),
    options.identity,
    options.iceServers,
    // Needed a moment later; it loads meanwhile.
    import('@ouro/negotiation'),
  ]);
  const peer = await createPeer({
    identity,
    iceServers: [...iceServers],
    consentTimeoutMs: CONSENT_TIMEOUT_MS,
  });
  peer.addEventListener('icecandidateerror', (error) => options.onIceServerError(error));
  const session = await Session.open(peer, { signal, version });
  return {
    peer,
    session,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** What moving a login to WebRTC needs. */
export interface UpgradeOptions extends Abortable {
  readonly login: LoggedIn;
  readonly prepared: Promise<Prepared>;
  readonly timeline: Timeline;
  readonly iceTimeoutMs: number;
  /** The agent has said READY: the login is through. */
  readonly onReady: () => void;
  /** Longest wait for READY, in ms. */
  readonly readyTimeoutMs: number;
}

/** A session over WebRTC, and the fingerprint (compact form) of the host that SSH vouches for. */
export interface Upgraded {
  readonly connection: Connection;
  readonly fingerprint: string;
}

/**
 * Has the host's agent accept over the login's connection, and connects with it. The login itself is left as it is.
 * @throws SignalingError why WebRTC cannot be had; the login is then still of use unless it is lost itself
 */
export async function upgrade(options: UpgradeOptions): Promise<Upgraded> {
  const { login, prepared, timeline, signal } = options;
  const { acceptCommand, openSshChannel } = await import('@ouro/transport-ssh');
  timeline.enter('agent');
  const channel = await login.connection.exec(acceptCommand(), { signal });
  const remote = { kind: 'login', user: login.user } as const;
  const pipe = openSshChannel(channel, { remote, signal, readyTimeoutMs: options.readyTimeoutMs });
  try {
    const { peer, session } = await prepared;
    const fingerprint = await connectOver(pipe, peer, options);
    return { connection: new Connection(session, peer, pipe, undefined), fingerprint };
  } catch (thrown) {
    await pipe.close();
    throw thrown;
  }
}

/** Offers at once; the pipe holds the offer until the agent is READY. @returns the host's fingerprint, compact form */
async function connectOver(pipe: ClientPipe, peer: Peer, options: UpgradeOptions): Promise<string> {
  const { negotiate } = await import('@ouro/negotiation');
  const { timeline, signal } = options;
  using deadline = new IceDeadline(peer, options.iceTimeoutMs);
  let ready = false;
  let phase: Parameters<Timeline['enter']>[0] = 'gathering';
  const enter = () => {
    if (ready) timeline.enter(phase);
  };
  const negotiating = negotiate(peer, pipe, {
    role: 'offerer',
    signal: AbortSignal.any([signal, deadline.signal]),
    timeoutMs: options.readyTimeoutMs + options.iceTimeoutMs + SIGNALING_MS,
    onPhase: (reached) => {
      if (reached === 'ice') deadline.start();
      phase = reached === 'connected' ? 'channel' : reached;
      enter();
    },
  });
  try {
    await Promise.race([pipe.ready({ signal }), negotiating]);
    ready = true;
    options.onReady();
    enter();
    return (await negotiating).remoteFingerprint.compact;
  } catch (thrown) {
    // Whatever the negotiation says of it, the pipe knows best why there was no READY.
    await negotiating.catch(() => undefined);
    throw deadline.signal.aborted ? deadline.signal.reason : thrown;
  }
}

/** Time for the answer once the agent is READY, in ms: it has to make its peer, and its sdp travels a slow link. */
const SIGNALING_MS = 10_000;

/** Gives ICE so long from where it begins, then fires with `ice-failed` and the pairs that were tried. */
class IceDeadline implements Disposable {
  readonly #peer: Peer;
  readonly #ms: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(peer: Peer, ms: number) {
    this.#peer = peer;
    this.#ms = ms;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#explain().then((reason) => this.#controller.abort(reason));
    }, this.#ms);
  }

  async #explain(): Promise<SignalingError> {
    const { iceFailed } = await import('@ouro/negotiation');
    return iceFailed(this.#peer).catch(
      (cause: unknown) => new SignalingError('ice-failed', 'No path was found', { cause }),
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
