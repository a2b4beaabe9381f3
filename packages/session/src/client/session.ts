import { ControlChannel } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import { Value } from 'typebox/value';
import {
  COMMANDS,
  type CommandArgs,
  type CommandType,
  type PeerInfo,
  PeerInfoSchema,
  type SessionControl,
} from '../commands.ts';
import { HELLO_TIMEOUT_MS } from '../constants.ts';
import { SessionError } from '../errors.ts';
import { toSessionError } from '../from-control.ts';
import { FEATURES, PROTOCOL } from '../protocol.ts';
import { tellRefusal } from '../refusal.ts';
import type { TerminalSize } from '../types.ts';
import { ChannelOpener, type OpenChannelOptions } from './channel-opener.ts';
import { ChannelRouter } from './channel-router.ts';
import { Links } from './links.ts';
import type { Pane } from './pane.ts';
import { PaneOpener } from './pane-opener.ts';
import { type Clipboard, type HostEvents, serveHost } from './serve-host.ts';

/** Settings of a session. */
export interface SessionOptions extends Abortable {
  /** This program's version, for `hello`. */
  version: string;
  /** Without one, the far end's clipboard commands are refused. */
  clipboard?: Clipboard;
  /** Another client resized a pane. */
  onResize?: (paneId: number, size: TerminalSize) => void;
  /** Another client stored a payload. */
  onPayload?: (payload: unknown) => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What to run in a new pane. */
export interface AddPaneOptions {
  /** The words of the command; `['*']` is the login shell. */
  command: readonly string[];
  /** With a size on a pty, without one on pipes. */
  size?: TerminalSize;
  /** Start in this pane's working directory. */
  parent?: number;
  /**
   * More environment, at most `MAX_ENV` variables and `MAX_ENV_BYTES`. The far end takes the names that its owner
   * allows and passes over the others; one that only knows the older commands ignores it all.
   */
  env?: Readonly<Record<string, string>>;
}

/** The client's end of a session. Closing it detaches from all panes; they go on. */
export class Session implements AsyncDisposable {
  /** Who the far end is; undefined when it only knows the older commands. Never rejects. */
  readonly remote: Promise<PeerInfo | undefined>;
  /** Resolves when the control channel has closed. */
  readonly closed: Promise<void>;
  readonly #control: SessionControl;
  readonly #router: ChannelRouter;
  readonly #links = new Links();
  readonly #opener: PaneOpener;
  readonly #channels: ChannelOpener;
  readonly #resolveRemote: (info: PeerInfo | undefined) => void;
  #info: PeerInfo | undefined;
  #remoteKnown = false;
  #farewell: SessionError | undefined;

  /**
   * Opens the control channel and says hello. Does not wait for the answer, nor for the channel: requests made
   * now travel right behind. @throws SessionError `aborted`, `lost`
   */
  static async open(peer: ChannelPeer, options: SessionOptions): Promise<Session> {
    if (options.signal.aborted) throw new SessionError('aborted', 'It was cancelled');
    let channel: DataChannelLike;
    try {
      channel = peer.createDataChannel('%', { ordered: true });
    } catch (cause) {
      throw new SessionError('lost', 'The connection does not take a channel', { cause });
    }
    return new Session(peer, channel, options);
  }

  private constructor(peer: ChannelPeer, channel: DataChannelLike, options: SessionOptions) {
    const { promise, resolve } = Promise.withResolvers<PeerInfo | undefined>();
    this.remote = promise;
    this.#resolveRemote = resolve;
    this.#control = new ControlChannel(channel, COMMANDS, options.now ? { now: options.now } : {});
    this.closed = this.#control.closed;
    this.#router = new ChannelRouter(peer, (refused, error) => this.#refuse(refused, error));
    this.#channels = new ChannelOpener(peer, this.remote);
    this.#opener = new PaneOpener({
      control: this.#control,
      router: this.#router,
      links: this.#links,
      saidHello: () => this.#info !== undefined,
      onReply: () => this.#remoteIs(undefined),
    });
    const events: HostEvents = {
      ...options,
      onBye: () => this.#onBye(),
      onExit: (exit) => this.#links.exited(exit),
      onMarked: (label, bytes) => this.#router.reached(label, bytes),
      onAccepted: (verdict) => this.#channels.accepted(verdict),
      onRefused: (verdict) => this.#channels.refused(verdict),
    };
    this.#control.onRequest((request) => serveHost(request, events));
    this.closed.then(() => this.#onClosed());
    this.#hello(options.version);
  }

  /** `stopped` once the far end said that it ends the session in order; undefined before, and when it is just gone. */
  get farewell(): SessionError | undefined {
    return this.#farewell;
  }

  /** Runs a command in a new pane. @throws SessionError `refused`, `timeout`, `lost`, `aborted` … */
  async addPane(pane: AddPaneOptions, { signal }: Abortable): Promise<Pane> {
    const { command, size, parent = 0, env } = pane;
    const args = { command: [...command], ...size, parent, ...(env && { env }) };
    return await this.#opener.open({ type: 'add_pane', args, signal, pty: size !== undefined });
  }

  /** Attaches to a pane that runs. @throws SessionError `exited` (with `exit`, when known), `refused` … */
  async reconnectPane(id: number, { signal }: Abortable): Promise<Pane> {
    return await this.#opener.open({
      type: 'reconnect_pane',
      args: { id },
      paneId: id,
      signal,
      pty: undefined,
    });
  }

  /**
   * Has the far end remember each pane's place. When this resolves, what came before the mark has arrived, and
   * nothing after it was sent yet. @returns the marker for `restore` @throws SessionError
   */
  async mark(options: Abortable): Promise<string> {
    return await this.#request('mark', {}, options);
  }

  /** Later `reconnectPane`s replay from the marker; from one that is not known (any more) they bring snapshots. @returns the payload, a JSON text, empty if none @throws SessionError */
  async restore(marker: string, options: Abortable): Promise<string> {
    return await this.#request('restore', { marker: Number(marker) }, options);
  }

  /** @returns the payload, a JSON text, empty if none @throws SessionError */
  async getPayload(options: Abortable): Promise<string> {
    return await this.#request('get_payload', {}, options);
  }

  /** Stores any JSON value and tells the other clients. @throws SessionError */
  async setPayload(payload: unknown, options: Abortable): Promise<void> {
    await this.#request('set_payload', { payload }, options);
  }

  /**
   * Opens a channel of a purpose that the far end serves; what `hello` told of it names them (`remote`). The channel is
   * the caller's to close. Never opened at a far end that only knows the older commands: it would run the label.
   * @throws SessionError `unsupported`, `refused`, `busy` … with the far end's reason
   */
  async openChannel(protocol: string, options: OpenChannelOptions): Promise<DataChannelLike> {
    return await this.#channels.open(protocol, options);
  }

  /** Detaches from all panes and closes the control channel; the peer stays. Twice is once. Never throws. */
  async close(): Promise<void> {
    const closed = new SessionError('closed', 'This client closed the session');
    this.#links.end(closed, { quiet: true });
    this.#channels.end(closed);
    this.#control.close();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request<T extends CommandType>(
    type: T,
    args: CommandArgs<T>,
    { signal }: Abortable,
  ): Promise<string> {
    try {
      const body = await this.#control.request(type, args, { signal });
      this.#remoteIs(undefined);
      return body;
    } catch (error) {
      throw toSessionError(error, 'The agent');
    }
  }

  #hello(version: string): void {
    const info = { version, protocol: PROTOCOL, features: [...FEATURES] };
    const signal = new AbortController().signal;
    this.#control.request('hello', info, { signal, timeoutMs: HELLO_TIMEOUT_MS }).then(
      (body) => this.#remoteIs(asPeerInfo(body)),
      () => this.#remoteIs(undefined),
    );
  }

  /** The first word counts: a reply to a later request without one to `hello` means that none will come. */
  #remoteIs(info: PeerInfo | undefined): void {
    if (this.#remoteKnown) return;
    this.#remoteKnown = true;
    this.#info = info;
    this.#resolveRemote(info);
  }

  #onBye(): void {
    const text =
      'The agent on the host was stopped, and its panes with it; start it again there with: ouro-agent start';
    this.#farewell = new SessionError('stopped', text);
    this.#links.farewell(this.#farewell);
  }

  async #refuse(channel: DataChannelLike, error: SessionError): Promise<void> {
    if (!this.#info) return;
    const { signal } = new AbortController();
    await tellRefusal(this.#control, { channel, error }, { signal });
  }

  #onClosed(): void {
    this.#remoteIs(undefined);
    const error = this.#farewell ?? new SessionError('lost', 'The connection was lost');
    this.#router.close();
    this.#links.end(error);
    this.#channels.end(error);
  }
}

function asPeerInfo(body: string): PeerInfo | undefined {
  try {
    const info: unknown = JSON.parse(body);
    return Value.Check(PeerInfoSchema, info) ? info : undefined;
  } catch {
    return undefined;
  }
}
