import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import { MemoryChannel, type MemoryOptions } from './channel.ts';
import { Emitter } from './emitter.ts';

export { MemoryChannel, type MemoryOptions } from './channel.ts';

/** Two linked channels that are open from the next turn on. */
export function channelPair(label = '', options: MemoryOptions = {}): [MemoryChannel, MemoryChannel] {
  const name = { label, protocol: '', id: 0 };
  const near = new MemoryChannel(name, options);
  const far = new MemoryChannel(name, options);
  near.link(far);
  return [near, far];
}

interface ChannelEvent {
  readonly channel: DataChannelLike;
}

/** One end of a pair of peers in one process. */
export class MemoryPeer implements ChannelPeer {
  /** The channels of this end, closed ones too. */
  readonly channels: MemoryChannel[] = [];
  readonly #options: MemoryOptions;
  readonly #events = new Emitter<ChannelEvent>();
  #other: MemoryPeer | undefined;
  #closed = false;
  #nextId: number;

  /** @param firstId 0 at one end and 1 at the other: each opens every second stream (RFC 8832 section 6) */
  constructor(options: MemoryOptions, firstId: 0 | 1) {
    this.#options = options;
    this.#nextId = firstId;
  }

  /** Links two ends. */
  link(other: MemoryPeer): void {
    this.#other = other;
    other.#other = this;
  }

  createDataChannel(label: string, { protocol = '' }: { protocol?: string } = {}): MemoryChannel {
    if (this.#closed) throw new DOMException('The peer is closed', 'InvalidStateError');
    const near = new MemoryChannel({ label, protocol, id: this.#nextId }, this.#options);
    this.#nextId += 2;
    this.channels.push(near);
    const other = this.#other;
    // Linked, and so opened, only when the other end could add its listeners.
    if (other) setTimeout(() => other.#receive(near), 0);
    return near;
  }

  addEventListener(
    type: 'datachannel',
    listener: (event: ChannelEvent) => void,
    options?: { once?: boolean; signal?: AbortSignal },
  ): void {
    this.#events.add(type, listener, options);
  }

  removeEventListener(type: 'datachannel', listener: (event: ChannelEvent) => void): void {
    this.#events.remove(type, listener);
  }

  /** Closes all channels of both ends at once, as a lost connection does. */
  close(): void {
    for (const end of [this, this.#other]) {
      if (!end) continue;
      end.#closed = true;
      for (const channel of end.channels) channel.cut();
    }
  }

  #receive(near: MemoryChannel): void {
    if (this.#closed || near.readyState !== 'connecting') return;
    const channel = new MemoryChannel(near, this.#options);
    this.channels.push(channel);
    this.#events.emit('datachannel', { channel });
    near.link(channel);
  }
}

/** Two linked peers: a channel made by one appears as `datachannel` on the other. */
export function peerPair(options: MemoryOptions = {}): [MemoryPeer, MemoryPeer] {
  const near = new MemoryPeer(options, 0);
  const far = new MemoryPeer(options, 1);
  near.link(far);
  return [near, far];
}
