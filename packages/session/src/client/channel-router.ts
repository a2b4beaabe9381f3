import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import { SessionError } from '../errors.ts';
import { CHANNEL_PROTOCOLS, OWN_PROTOCOLS } from '../protocol.ts';
import { dispatch, type Purpose, type Verdicts } from '../purpose.ts';

/** Who waits for the channels of one request. */
export interface Claim {
  /** Takes the channel in, in the turn in which it appeared. @returns false when it has one already */
  onChannel(kind: 'stdout' | 'stderr', paneId: number, channel: DataChannelLike): boolean;
  /** Resolves when this many bytes have come on a channel, or no more will. */
  reached(kind: 'stdout' | 'stderr', bytes: number): Promise<void>;
}

const LABEL = /^([0-9]{1,15}):([0-9]{1,15})(:stderr)?$/;

/** Hands the channels that the far end opens for panes to the requests that asked for them. */
export class ChannelRouter {
  readonly #peer: ChannelPeer;
  readonly #claims = new Map<number, Claim>();
  readonly #stop = new AbortController();
  readonly #verdicts: Verdicts;
  /** What channels are for at this client, one row a purpose. */
  readonly #purposes: readonly Purpose[] = [
    { protocol: CHANNEL_PROTOCOLS.byLabel, take: (channel) => this.#fromLabel(channel) },
    { protocol: CHANNEL_PROTOCOLS.pane, take: (channel) => this.#pane('stdout', channel) },
    { protocol: CHANNEL_PROTOCOLS.paneStderr, take: (channel) => this.#pane('stderr', channel) },
  ];

  /** @param refused tells the far end why its channel is not served; never rejects */
  constructor(peer: ChannelPeer, refused: Verdicts['refused']) {
    this.#peer = peer;
    this.#verdicts = { accepted: () => {}, refused };
    peer.addEventListener('datachannel', this.#onChannel);
  }

  /** Channels that carry this message id are for this claim, until it is released. */
  claim(messageId: number, claim: Claim): void {
    this.#claims.set(messageId, claim);
  }

  /** Channels that still come for it are closed. */
  release(messageId: number): void {
    this.#claims.delete(messageId);
  }

  /** Resolves when this many bytes have come on the channel with this label; at once if there is none such. */
  async reached(label: string, bytes: number): Promise<void> {
    const match = LABEL.exec(label);
    if (!match) return;
    await this.#claims.get(Number(match[1]))?.reached(match[3] ? 'stderr' : 'stdout', bytes);
  }

  close(): void {
    this.#stop.abort();
    this.#peer.removeEventListener('datachannel', this.#onChannel);
    this.#claims.clear();
  }

  readonly #onChannel = ({ channel }: { readonly channel: DataChannelLike }): void => {
    const { protocol } = channel;
    // A name that is none of ours is for somebody else on this peer.
    if (protocol !== CHANNEL_PROTOCOLS.byLabel && !protocol.startsWith(OWN_PROTOCOLS)) return;
    // It never rejects.
    dispatch(channel, this.#purposes, { verdicts: this.#verdicts, signal: this.#stop.signal });
  };

  /** An older agent tells by the label alone; one of another form is for somebody else on this peer. */
  #fromLabel(channel: DataChannelLike): void {
    const kind = LABEL.exec(channel.label)?.[3] ? 'stderr' : 'stdout';
    if (LABEL.test(channel.label)) this.#pane(kind, channel);
  }

  /** @throws SessionError `bad-message` */
  #pane(kind: 'stdout' | 'stderr', channel: DataChannelLike): void {
    const [, messageId, paneId, suffix] = LABEL.exec(channel.label) ?? [];
    if (messageId === undefined || (suffix !== undefined) !== (kind === 'stderr')) {
      throw new SessionError('bad-message', 'The label of the channel is not that of a pane');
    }
    // Not wanted any more, for instance when its request was cancelled.
    if (!this.#claims.get(Number(messageId))?.onChannel(kind, Number(paneId), channel)) channel.close();
  }
}
