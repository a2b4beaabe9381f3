import type { Identity } from '@ouro/fingerprint';
import { createPeer, type IcePort, type Peer } from '@ouro/peer';
import { type Authorize, answerRestart, negotiate } from '@ouro/peer/negotiate';
import { type Clock, type Logger, type PaneStore, type PayloadStore, SessionHost } from '@ouro/session';
import {
  type Abortable,
  type Candidate,
  type EndOfCandidates,
  type Signaler,
  SignalingError,
} from '@ouro/signaling';
import { type LinkedSignal, linkSignals } from '../base/abort.ts';
import type { Config } from '../config/config.ts';
import type { PeerStatus } from '../local/protocol.ts';
import { addressesForLocal } from './addresses.ts';
import { followCandidates } from './follow-candidates.ts';
import type { IceServers } from './ice-servers.ts';
import { untilPeerEnds } from './peer-end.ts';
import { type PeerEntry, type Road, toPeerStatus } from './peer-entry.ts';

/** What all peers of this agent share. */
export interface PeerRegistryOptions {
  readonly config: Config;
  readonly iceServers: IceServers;
  readonly identity: Identity;
  readonly panes: PaneStore;
  readonly payload: PayloadStore;
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The port of all peers, once it is open; undefined = each has its own sockets. */
  readonly icePort: Promise<IcePort | undefined>;
}

/** One conversation to be served. */
export interface Visit {
  readonly road: Road;
  /** The owner's word for the client, when it is known. */
  readonly label?: string;
  /** The request came from this machine: from a client on it, or through a tunnel. */
  readonly local: boolean;
  /** Asked before any answer is made. @throws SignalingError `unauthorized` */
  readonly authorize: Authorize;
  /** Called once, when the peers are connected. */
  readonly onConnected: () => void;
  /** Called once, before: the road brings later offers that restart ICE. Without it there are none. */
  readonly onRestart?: (restart: Restart) => void;
}

/** Takes an offer that restarts ICE, and the candidates that follow; gives the answer, with all of ours. */
export type Restart = (
  offer: string,
  candidates: AsyncIterable<Candidate | EndOfCandidates>,
  options: Abortable,
) => Promise<string>;

/** A peer that is connected. */
export interface Connection {
  /** Resolves when it has ended and nothing of it is left. Never rejects. */
  readonly ended: Promise<void>;
}

/** Every peer of the agent, from its offer to its end. */
export class PeerRegistry implements AsyncDisposable {
  readonly #options: PeerRegistryOptions;
  readonly #entries = new Map<PeerEntry, Promise<void>>();
  readonly #shutdown = new AbortController();

  constructor(options: PeerRegistryOptions) {
    this.#options = options;
  }

  /** The peers of now, the oldest first. */
  list(): PeerStatus[] {
    return [...this.#entries.keys()].map(toPeerStatus);
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** @throws SignalingError `too-many` when no more peers are taken */
  admit(): void {
    if (this.#shutdown.signal.aborted) {
      throw new SignalingError('unavailable', 'The agent is stopping; try again in a moment');
    }
    const { peers } = this.#options.config.limits;
    if (this.#entries.size < peers) return;
    throw new SignalingError(
      'too-many',
      `The agent has ${peers} peers, its limit; close one, or raise limits.peers in its config`,
    );
  }

  /**
   * Answers the offer that comes from `signaler`, which is closed when the peers are connected or cannot be. The peer
   * then lives until it ends, the agent stops, or the signal fires.
   *
   * @returns once connected, with the promise of its end
   * @throws SignalingError why they could not be connected
   */
  async connect(signaler: Signaler, visit: Visit, { signal }: { signal: AbortSignal }): Promise<Connection> {
    await using _signaler = signaler;
    const link = linkSignals(signal, this.#shutdown.signal);
    try {
      this.admit();
      return await this.#enter(signaler, visit, link);
    } catch (thrown) {
      link[Symbol.dispose]();
      await signaler.close(SignalingError.from(thrown));
      throw thrown;
    }
  }

  async #enter(signaler: Signaler, visit: Visit, link: LinkedSignal): Promise<Connection> {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const entry = await this.#open(visit);
    this.#entries.set(entry, gone);
    visit.onRestart?.((offer, candidates, options) => this.#restart(entry, offer, candidates, options));
    const leave = async () => {
      link[Symbol.dispose]();
      await entry.host.close(this.#shutdown.signal.aborted ? 'stopped' : undefined);
      await entry.peer[Symbol.asyncDispose]();
      this.#entries.delete(entry);
      resolve();
    };
    try {
      await this.#negotiate(entry, signaler, visit, link);
    } catch (thrown) {
      await leave();
      throw thrown;
    }
    return { ended: this.#live(entry, visit, link).finally(leave) };
  }

  async #open({ road, label, local }: Visit): Promise<PeerEntry> {
    const { config, iceServers, identity, panes, payload, version, logger, clock } = this.#options;
    const icePort = await this.#options.icePort;
    const peer: Peer = await createPeer({
      identity,
      iceServers: local ? [] : iceServers.own(),
      ...(local ? { interfaceAddresses: addressesForLocal() } : {}),
      ...(config.net.udpPorts === undefined ? {} : { portRange: [...config.net.udpPorts] }),
      ...(icePort === undefined ? {} : { icePort }),
      consentTimeoutMs: config.timeouts.disconnect,
    });
    peer.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) =>
      logger.warn({ url, code: errorCode, reason: errorText }, 'an ICE server is of no use'),
    );
    const { ack: replyTimeoutMs } = config.timeouts;
    const host = new SessionHost({ peer, panes, payload, info: { version }, replyTimeoutMs, logger, clock });
    return { road, since: clock.now(), peer, host, fingerprint: undefined, label };
  }

  async #negotiate(
    entry: PeerEntry,
    signaler: Signaler,
    visit: Visit,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    const { logger, config, clock } = this.#options;
    const { remoteFingerprint } = await negotiate(entry.peer, signaler, {
      role: 'answerer',
      authorize: async (fingerprint, vouch, abortable) => {
        await visit.authorize(fingerprint, vouch, abortable);
        this.#checkShare(fingerprint.compact);
        entry.fingerprint = fingerprint.compact;
      },
      gatherTimeoutMs: config.timeouts.iceGathering,
      signal,
    });
    entry.fingerprint = remoteFingerprint.compact;
    visit.onConnected();
    const ms = Math.round(clock.now() - entry.since);
    logger.info({ ...toPeerStatus(entry), ms }, 'a peer is connected');
  }

  /** One certificate's share of the peers. @throws SignalingError `too-many` */
  #checkShare(fingerprint: string): void {
    const { peersPerFingerprint } = this.#options.config.limits;
    const same = [...this.#entries.keys()].filter((entry) => entry.fingerprint === fingerprint).length;
    if (same < peersPerFingerprint) return;
    throw new SignalingError(
      'too-many',
      `This client has ${same} connections to the agent, its limit; close one, or raise limits.peers_per_fingerprint in the agent's config`,
    );
  }

  async #restart(
    entry: PeerEntry,
    offer: string,
    candidates: AsyncIterable<Candidate | EndOfCandidates>,
    options: Abortable,
  ): Promise<string> {
    const answer = await answerRestart(entry.peer, offer, options);
    followCandidates(entry.peer, candidates, (error) =>
      this.#options.logger.debug(error, 'a late candidate'),
    );
    this.#options.logger.info({ fingerprint: entry.fingerprint, label: entry.label }, 'a peer restarts ICE');
    return answer;
  }

  async #live(entry: PeerEntry, visit: Visit, { signal }: { signal: AbortSignal }): Promise<void> {
    const { config, logger } = this.#options;
    const { failed } = config.timeouts;
    const ending = { failed, restartable: visit.onRestart !== undefined };
    const why = await untilPeerEnds(entry.peer, entry.host.closed, ending, { signal });
    logger.info({ fingerprint: entry.fingerprint, label: entry.label, why }, 'a peer has ended');
  }

  /** Ends every peer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutdown.abort(new SignalingError('unavailable', 'The agent is stopping'));
    await Promise.all(this.#entries.values());
  }
}
