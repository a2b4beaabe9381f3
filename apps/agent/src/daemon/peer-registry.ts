import { type LinkedSignal, linkSignals } from '@ouro/base';
import type { Authorizer, Identity } from '@ouro/fingerprint';
import type { IcePort } from '@ouro/ice/port';
import { answerRestart, negotiate } from '@ouro/negotiation';
import { createPeer, type Peer } from '@ouro/peer';
import { type Clock, type Logger, type PaneStore, type PayloadStore, SessionHost } from '@ouro/session';
import {
  type Abortable,
  type Answer,
  type IncomingConversation,
  type RestartRequest,
  SignalingError,
} from '@ouro/signaling';
import type { Config } from '../config/config.ts';
import type { PeerStatus } from '../local/protocol.ts';
import { addressesForLocal } from './addresses.ts';
import { followCandidates } from './follow-candidates.ts';
import type { IceServers } from './ice-servers.ts';
import { untilPeerEnds } from './peer-end.ts';
import { type PeerEntry, toPeerStatus } from './peer-entry.ts';

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
  /** Says who may connect, whatever transport brought the offer. */
  readonly authorizer: Authorizer;
}

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
   * Answers the offer of a conversation, which is closed when the peers are connected or cannot be. The peer then lives
   * until it ends, the agent stops, or the conversation's session ends.
   *
   * @param transport the name of the transport that brought it
   * @returns once connected, with the promise of its end
   * @throws SignalingError why they could not be connected
   */
  async connect(incoming: IncomingConversation, transport: string): Promise<Connection> {
    const { signaler, session } = incoming;
    await using _signaler = signaler;
    const link = linkSignals(...(session === undefined ? [] : [session.ended]), this.#shutdown.signal);
    try {
      this.admit();
      return await this.#enter(incoming, transport, link);
    } catch (thrown) {
      link[Symbol.dispose]();
      await signaler.close(SignalingError.from(thrown));
      throw thrown;
    }
  }

  async #enter(incoming: IncomingConversation, transport: string, link: LinkedSignal): Promise<Connection> {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const entry = await this.#open(incoming, transport);
    this.#entries.set(entry, gone);
    incoming.session?.onRestart((request, options) => this.#restart(entry, request, options));
    const leave = async () => {
      link[Symbol.dispose]();
      await entry.host.close(this.#shutdown.signal.aborted ? 'stopped' : undefined);
      await entry.peer[Symbol.asyncDispose]();
      this.#entries.delete(entry);
      resolve();
    };
    try {
      await this.#negotiate(entry, incoming, link);
    } catch (thrown) {
      await leave();
      throw thrown;
    }
    return { ended: this.#live(entry, incoming, link).finally(leave) };
  }

  async #open({ local }: IncomingConversation, transport: string): Promise<PeerEntry> {
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
    return { transport, since: clock.now(), peer, host, fingerprint: undefined, label: undefined };
  }

  async #negotiate(
    entry: PeerEntry,
    { signaler, bearer, session }: IncomingConversation,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    const { logger, config, clock, authorizer } = this.#options;
    const { remoteFingerprint } = await negotiate(entry.peer, signaler, {
      role: 'answerer',
      authorize: async (fingerprint, remote, abortable) => {
        const presented = { fingerprint, remote, ...(bearer === undefined ? {} : { bearer }) };
        entry.label = (await authorizer.authorize(presented, abortable)).label;
        this.#checkShare(fingerprint.compact);
        entry.fingerprint = fingerprint.compact;
      },
      gatherTimeoutMs: config.timeouts.iceGathering,
      signal,
    });
    entry.fingerprint = remoteFingerprint.compact;
    session?.connected();
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
    { offer, candidates }: RestartRequest,
    options: Abortable,
  ): Promise<Answer> {
    const { logger } = this.#options;
    const sdp = await answerRestart(entry.peer, offer.sdp, options);
    followCandidates(entry.peer, candidates, (error) => logger.debug(error, 'a late candidate'));
    logger.info({ fingerprint: entry.fingerprint, label: entry.label }, 'a peer restarts ICE');
    return { type: 'answer', sdp };
  }

  async #live(
    entry: PeerEntry,
    { session }: IncomingConversation,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    const { config, logger } = this.#options;
    const { failed } = config.timeouts;
    const ending = { failed, restartable: session !== undefined };
    const why = await untilPeerEnds(entry.peer, entry.host.closed, ending, { signal });
    logger.info({ fingerprint: entry.fingerprint, label: entry.label, why }, 'a peer has ended');
  }

  /** Ends every peer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutdown.abort(new SignalingError('unavailable', 'The agent is stopping'));
    await Promise.all(this.#entries.values());
  }
}
