import type { ChannelPeer, DataChannelLike } from '../channel.ts';

/** How a memory link behaves. */
export interface MemoryOptions {
  /** Bytes the receiving side takes in while paused, before the sender's `bufferedAmount` grows. Default 256 KiB. */
  windowBytes?: number;
  /** Without `pause` and `resume`, as in a browser. Default false. */
  withoutPause?: boolean;
}

/** One end of a pair of peers in one process. */
export interface MemoryPeer extends ChannelPeer {
  /** Closes all channels of both ends, as a lost connection does. */
  close(): void;
}

/** Two linked channels that are open from the next turn on. */
export declare function channelPair(
  label?: string,
  options?: MemoryOptions,
): [DataChannelLike, DataChannelLike];
/** Two linked peers: a channel made by one appears as `datachannel` on the other. */
export declare function peerPair(options?: MemoryOptions): [MemoryPeer, MemoryPeer];
