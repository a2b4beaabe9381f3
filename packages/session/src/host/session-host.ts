import { ControlChannel } from '@ouro/control';
import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import { COMMANDS, type PeerInfo, type SessionControl, type SessionRequest } from '../commands.ts';
import { SessionError } from '../errors.ts';
import { FEATURES, PROTOCOL } from '../protocol.ts';
import { dispatch, type Purpose, type Verdicts } from '../purpose.ts';
import type { Clock, Logger } from '../types.ts';
import { ClientControl } from './client-control.ts';
import { serveCommand } from './commands.ts';
import { PaneChannels } from './pane-channels.ts';
import type { PaneStore } from './pane-store.ts';
import type { PayloadStore } from './payload-store.ts';
import { hostPurposes } from './purposes.ts';

/** Settings of a SessionHost. */
export interface SessionHostOptions {
  /** The connected peer. Give it before its first `datachannel` event can fire. */
  peer: ChannelPeer;
  /** Shared by all hosts of an agent. */
  panes: PaneStore;
  /** Shared by all hosts of an agent. */
  payload: PayloadStore;
  /** This agent's version. */
  info: { version: string };
  /** How long a client may take to answer for its clipboard, in milliseconds. Default `CLIPBOARD_TIMEOUT_MS`. */
  replyTimeoutMs?: number;
  /** What channels are for besides the purposes of this package, which go first: what needs what only the agent has. */
  purposes?: readonly Purpose[];
  logger: Logger;
  clock: Clock;
}

/** The agent's end of a session, one per connected peer. */
export class SessionHost implements AsyncDisposable {
  /** Resolves when the session is over: `close`, or its control channel was closed. */
  readonly closed: Promise<void>;
  readonly #options: SessionHostOptions;
  readonly #stop = new AbortController();
  readonly #channels: PaneChannels;
  readonly #purposes: readonly Purpose[];
  readonly #verdicts: Verdicts;
  readonly #markClosed: () => void;
  #control: SessionControl | undefined;
  #client: ClientControl | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SessionHostOptions) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
    this.#options = options;
    this.#channels = new PaneChannels({
      peer: options.peer,
      panes: options.panes,
      logger: options.logger,
      signal: this.#stop.signal,
      onActive: () => {
        if (this.#client) options.panes.touch(this.#client);
      },
    });
    const own = hostPurposes({
      openControl: (channel) => this.#openControl(channel),
      channels: this.#channels,
    });
    this.#purposes = [...own, ...(options.purposes ?? [])];
    this.#verdicts = {
      accepted: (channel) => this.#client?.accepted(channel),
      refused: (channel, error) => this.#refused(channel, error),
    };
    options.peer.addEventListener('datachannel', this.#onChannel);
  }

  /** The client, once it said hello. */
  get remote(): PeerInfo | undefined {
    return this.#client?.info;
  }

  /**
   * Detaches this client from all panes and closes its channels; the panes stay. Twice is once. Never throws.
   * @param reason told to the client before, if it knows to listen: `stopped` when the agent ends
   */
  close(reason?: 'stopped'): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(reason: 'stopped' | undefined): Promise<void> {
    if (reason !== undefined) await this.#client?.bye(reason);
    this.#options.peer.removeEventListener('datachannel', this.#onChannel);
    if (this.#client) this.#options.panes.leave(this.#client);
    this.#stop.abort();
    this.#control?.close();
    await this.#channels.close();
    this.#markClosed();
  }

  readonly #onChannel = ({ channel }: { readonly channel: DataChannelLike }): void => {
    // It never rejects.
    dispatch(channel, this.#purposes, { verdicts: this.#verdicts, signal: this.#stop.signal });
  };

  async #refused(channel: DataChannelLike, error: SessionError): Promise<void> {
    this.#options.logger.info({ code: error.code }, 'a channel of a client was refused');
    await this.#client?.refused(channel, error, { signal: this.#stop.signal });
  }

  #openControl(channel: DataChannelLike): void {
    if (this.#control) throw new SessionError('busy', 'This session has its control channel already');
    const { logger, clock, panes, replyTimeoutMs } = this.#options;
    const control = new ControlChannel(channel, COMMANDS, {
      now: () => clock.now(),
      onProblem: ({ code }) => logger.debug({ code }, 'a bad message on the control channel'),
    });
    const client = new ClientControl(control, logger, replyTimeoutMs);
    this.#control = control;
    this.#client = client;
    panes.join(client);
    control.onRequest((request) => this.#serve(client, request));
    // `close` never rejects.
    control.closed.then(() => this.close());
  }

  #serve(client: ClientControl, request: SessionRequest): Promise<string> | string {
    const { panes, payload, info, purposes = [] } = this.#options;
    const extra = purposes.map(({ protocol }) => protocol);
    panes.touch(client);
    return serveCommand(request, {
      client,
      panes,
      payload,
      channels: this.#channels,
      info: { version: info.version, protocol: PROTOCOL, features: [...FEATURES, ...extra] },
      signal: this.#stop.signal,
    });
  }
}
