import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import { MAX_ATTACHMENTS_PER_CLIENT } from '../constants.ts';
import { SessionError } from '../errors.ts';
import { CHANNEL_PROTOCOLS } from '../protocol.ts';
import type { Logger } from '../types.ts';
import { Attachment, type StartingPoint } from './attachment.ts';
import type { ClientControl } from './client-control.ts';
import type { LabelRequest } from './label.ts';
import type { HostPane } from './pane.ts';
import type { PaneStore } from './pane-store.ts';
import { startingPoint } from './starting-point.ts';

/** Settings of PaneChannels. */
export interface PaneChannelsOptions {
  peer: ChannelPeer;
  panes: PaneStore;
  logger: Logger;
  /** Fires when the session is over. */
  signal: AbortSignal;
  /** The user did something. */
  onActive: () => void;
}

/** A pane that a client asks for with a label. */
type PaneRequest = Exclude<LabelRequest, { kind: 'control' }>;

/** How the agent opens a channel for a pane. */
export interface OpenOptions {
  pane: HostPane;
  /** The request that asked for it. */
  messageId: number;
  from: StartingPoint;
  client: ClientControl;
}

/** Everything one client is attached to. */
export class PaneChannels {
  readonly #options: PaneChannelsOptions;
  readonly #attachments = new Set<Attachment>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(options: PaneChannelsOptions) {
    this.#options = options;
  }

  /** This client's hold on a pane. */
  of(paneId: number): Attachment | undefined {
    return [...this.#attachments].find(({ pane }) => pane.id === paneId);
  }

  get all(): readonly Attachment[] {
    return [...this.#attachments];
  }

  /** @throws SessionError `busy` when this client is attached to as much as it may */
  assertRoom(): void {
    if (this.#attachments.size < MAX_ATTACHMENTS_PER_CLIENT) return;
    throw new SessionError('busy', `A client may be attached to ${MAX_ATTACHMENTS_PER_CLIENT} panes at most`);
  }

  /** Opens `<message id>:<pane id>` and sends the pane's output on it. @throws SessionError `busy`, `lost` */
  open({ pane, messageId, from, client }: OpenOptions): void {
    const label = `${messageId}:${pane.id}`;
    const { byLabel, pane: main, paneStderr } = CHANNEL_PROTOCOLS;
    const apart = client.info !== undefined && pane.stderr !== undefined;
    const channel = this.#create(label, client.info ? main : byLabel);
    const stderr = apart ? { stderrChannel: this.#create(`${label}:stderr`, paneStderr) } : {};
    this.#attach(
      new Attachment({ pane, channel, from, onActive: this.#options.onActive, ...stderr }),
      client,
    );
  }

  /** Serves a channel that the client opened with an older label. @throws SessionError */
  async serveLabel(channel: DataChannelLike, asked: PaneRequest): Promise<void> {
    const served = this.#fromLabel(channel, asked);
    this.#track(served.catch(() => {}));
    await served;
  }

  /** Detaches from all. Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    for (const attachment of this.all) attachment.close();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  async #fromLabel(channel: DataChannelLike, asked: PaneRequest): Promise<void> {
    this.assertRoom();
    const { panes, signal, onActive } = this.#options;
    if (asked.kind === 'reconnect') {
      const pane = panes.get(asked.id);
      if (!pane) throw new SessionError('not-found', `Pane ${asked.id} does not run`);
      const from = startingPoint(pane, undefined);
      this.#attach(new Attachment({ pane, channel, from, onActive }), undefined);
      return;
    }
    const { argv, size } = asked;
    const pane = await panes.create({ argv, ...(size && { size }) }, { signal });
    const from = { stdout: 0, stderr: 0 };
    this.#attach(new Attachment({ pane, channel, from, onActive }), undefined);
    pane.start();
  }

  #create(label: string, protocol: string): DataChannelLike {
    try {
      return this.#options.peer.createDataChannel(label, { ordered: true, protocol });
    } catch (cause) {
      throw new SessionError('lost', 'The connection does not take another channel', { cause });
    }
  }

  #attach(attachment: Attachment, client: ClientControl | undefined): void {
    this.#attachments.add(attachment);
    this.#track(this.#serve(attachment, client));
  }

  async #serve(attachment: Attachment, client: ClientControl | undefined): Promise<void> {
    try {
      await attachment.run();
      await farewell(attachment, client);
    } catch (error) {
      const code = error instanceof Error ? error.name : 'unknown';
      this.#options.logger.debug({ pane: attachment.pane.id, code }, 'a client let go of a pane');
    } finally {
      attachment.close();
      this.#attachments.delete(attachment);
    }
  }

  #track(task: Promise<void>): void {
    this.#tasks.add(task);
    const done = () => {
      this.#tasks.delete(task);
    };
    task.then(done, done);
  }
}

/** The process has ended and all was sent: waits until the client has it, so that closing the channel loses nothing. */
async function farewell(attachment: Attachment, client: ClientControl | undefined): Promise<void> {
  const { pane, bytesSent, signal } = attachment;
  if (client?.info && pane.exit) {
    await client.exited({ paneId: pane.id, ...pane.exit, bytes: bytesSent }, { signal });
  } else {
    await attachment.drained({ signal });
  }
}
