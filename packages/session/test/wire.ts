import type { MemoryPeer } from '@ouro/control/memory';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { type Lab, until } from './lab.ts';

/** The text of a message, whatever frame it came in. */
export const decode = (data: unknown) =>
  typeof data === 'string' ? data : new TextDecoder().decode(Object(data));

/** One end that says and hears JSON texts and bytes, with nothing of ours between. */
export class Wire {
  readonly heard: string[] = [];
  readonly opened: DataChannelLike[] = [];
  readonly bytes = new Map<string, string>();
  channel: DataChannelLike | undefined;

  constructor(peer: MemoryPeer) {
    peer.addEventListener('datachannel', ({ channel }) => {
      if (channel.label === '%') this.listen(channel);
      else this.opened.push(channel);
      if (channel.label !== '%') this.collect(channel);
    });
  }

  listen(channel: DataChannelLike): void {
    this.channel = channel;
    channel.addEventListener('message', ({ data }) => this.heard.push(decode(data)));
  }

  collect(channel: DataChannelLike): void {
    this.bytes.set(channel.label, '');
    channel.addEventListener('message', ({ data }) => {
      this.bytes.set(channel.label, this.bytes.get(channel.label) + decode(data));
    });
  }

  say(message: string): void {
    this.channel?.send(message);
  }

  /** What was heard from the n-th message on, without times. */
  async hear(n: number): Promise<string> {
    await until(() => this.heard.length > n);
    return (this.heard[n] ?? '').replace(/"time":\d+/, '"time":1');
  }
}

/** An older client, by its texts alone. */
export async function olderClient(lab: Lab): Promise<Wire & { peer: MemoryPeer }> {
  const peer = lab.connect();
  const wire = Object.assign(new Wire(peer), { peer });
  const channel = peer.createDataChannel('%');
  wire.listen(channel);
  await until(() => channel.readyState === 'open');
  return wire;
}
