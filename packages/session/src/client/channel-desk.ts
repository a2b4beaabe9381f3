import type { ChannelPeer, DataChannelLike } from '@ouro/control';
import { MAX_UNCLAIMED_CHANNELS } from '../constants.ts';
import { ByteStream } from './byte-stream.ts';

/** A channel of a pane, which already takes in what comes. */
export interface PaneChannel {
  readonly channel: DataChannelLike;
  readonly stream: ByteStream;
}

/** Who waits for channels of one request. */
interface Claim {
  onChannel(kind: 'stdout' | 'stderr', paneId: number, channel: PaneChannel): void;
}

const LABEL = /^([0-9]{1,15}):([0-9]{1,15})(:stderr)?$/;

/** Hands the channels that the far end opens to the requests that asked for them, whichever is first. */
export class ChannelDesk {
  readonly #peer: ChannelPeer;
  readonly #claims = new Map<number, Claim>();

  constructor(peer: ChannelPeer) {
    this.#peer = peer;
    peer.addEventListener('datachannel', this.#onChannel);
  }

  /** Channels that carry this message id are for this claim from now on. @returns whether there was room */
  claim(messageId: number, claim: Claim): boolean {
    if (this.#claims.size >= MAX_UNCLAIMED_CHANNELS * 8) return false;
    this.#claims.set(messageId, claim);
    return true;
  }

  /** Channels that still come for it are closed. */
  release(messageId: number): void {
    this.#claims.delete(messageId);
  }

  close(): void {
    this.#peer.removeEventListener('datachannel', this.#onChannel);
    this.#claims.clear();
  }

  readonly #onChannel = ({ channel }: { readonly channel: DataChannelLike }): void => {
    const match = LABEL.exec(channel.label);
    const claim = match ? this.#claims.get(Number(match[1])) : undefined;
    if (!match || !claim) {
      channel.close();
      return;
    }
    const stream = new ByteStream();
    stream.listen(channel);
    claim.onChannel(match[3] ? 'stderr' : 'stdout', Number(match[2]), { channel, stream });
  };
}
