import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';

/** Who waits for the channels of one request. */
export interface Claim {
  /** Takes the channel in, in the turn in which it appeared. @returns false when it has one already */
  onChannel(kind: 'stdout' | 'stderr', paneId: number, channel: DataChannelLike): boolean;
  /** Resolves when this many bytes have come on a channel, or no more will. */
  reached(kind: 'stdout' | 'stderr', bytes: number): Promise<void>;
}

const LABEL = /^([0-9]{1,15}):([0-9]{1,15})(:stderr)?$/;

/** Hands the channels that the far end opens for panes to the requests that asked for them. */
export class ChannelDesk {
  readonly #peer: ChannelPeer;
  readonly #claims = new Map<number, Claim>();

  constructor(peer: ChannelPeer) {
    this.#peer = peer;
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
    this.#peer.removeEventListener('datachannel', this.#onChannel);
    this.#claims.clear();
  }

  readonly #onChannel = ({ channel }: { readonly channel: DataChannelLike }): void => {
    const match = LABEL.exec(channel.label);
    // A channel of another form is for somebody else on this peer.
    if (!match) return;
    const claim = this.#claims.get(Number(match[1]));
    const taken = claim?.onChannel(match[3] ? 'stderr' : 'stdout', Number(match[2]), channel);
    if (!taken) channel.close();
  };
}
