import type { Abortable } from '@ouro/signaling';
import type { ChannelPeer, DataChannelLike } from '@ouro/webrtc-types';
import type { CommandArgs, PeerInfo } from '../commands.ts';
import { CHANNEL_OPEN_TIMEOUT_MS, MAX_OPENING_CHANNELS } from '../constants.ts';
import { SessionError } from '../errors.ts';
import { CHANNEL_PROTOCOLS } from '../protocol.ts';
import { refusalError } from '../refusal.ts';
import { within } from './within.ts';

/** Settings of a channel that this client opens. */
export interface OpenChannelOptions extends Abortable {
  /** What the purpose needs to be told; none by default. */
  label?: string;
  /** Gets the channel in the turn in which it was made: a listener added here misses nothing, one added later may. */
  onChannel?: (channel: DataChannelLike) => void;
}

interface Opening {
  readonly channel: DataChannelLike;
  resolve(): void;
  reject(error: SessionError): void;
}

/** Opens channels of a purpose, and waits for the agent's word on each. */
export class ChannelOpener {
  readonly #peer: ChannelPeer;
  readonly #remote: Promise<PeerInfo | undefined>;
  readonly #openings = new Set<Opening>();
  #over: SessionError | undefined;

  /** @param remote who the far end is, undefined if it knows the older commands only; never rejects */
  constructor(peer: ChannelPeer, remote: Promise<PeerInfo | undefined>) {
    this.#peer = peer;
    this.#remote = remote;
  }

  /** @throws SessionError */
  async open(
    protocol: string,
    { label = '', onChannel, signal }: OpenChannelOptions,
  ): Promise<DataChannelLike> {
    if (protocol === CHANNEL_PROTOCOLS.byLabel) {
      throw new SessionError('bad-message', 'A channel must say what it is for: give it a protocol');
    }
    await this.#assertRefuses(protocol, { signal });
    const channel = this.#create(label, protocol);
    try {
      onChannel?.(channel);
      await this.#verdict(channel, { signal });
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** The agent has taken a channel of ours. */
  accepted({ channel }: CommandArgs<'accepted'>): void {
    this.#of(channel)?.resolve();
  }

  /** The agent does not serve a channel of ours. */
  refused(refusal: CommandArgs<'refused'>): void {
    this.#of(refusal.channel)?.reject(refusalError(refusal));
  }

  /** Fails all that wait. The first error counts. */
  end(error: SessionError): void {
    this.#over ??= error;
    for (const opening of this.#openings) opening.reject(error);
  }

  /** An agent that knows the older commands only would take the label for a command and run it. */
  async #assertRefuses(protocol: string, { signal }: Abortable): Promise<void> {
    const late = 'The agent did not say in time what it is';
    const info = await within(this.#remote, { signal, late, timeoutMs: CHANNEL_OPEN_TIMEOUT_MS });
    if (this.#over) throw this.#over;
    if (info) return;
    const name = JSON.stringify(protocol);
    throw new SessionError('unsupported', `The agent is too old for channels for ${name}: update it there`);
  }

  #create(label: string, protocol: string): DataChannelLike {
    if (this.#openings.size >= MAX_OPENING_CHANNELS) {
      throw new SessionError('busy', `${MAX_OPENING_CHANNELS} channels wait for the agent already`);
    }
    try {
      return this.#peer.createDataChannel(label, { ordered: true, protocol });
    } catch (cause) {
      throw new SessionError('lost', 'The connection does not take another channel', { cause });
    }
  }

  async #verdict(channel: DataChannelLike, { signal }: Abortable): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const opening = { channel, resolve, reject };
    const onClose = () =>
      reject(new SessionError('refused', 'The agent closed the channel and gave no reason'));
    channel.addEventListener('close', onClose);
    this.#openings.add(opening);
    try {
      const late = 'The agent did not say in time whether it takes the channel';
      await within(promise, { signal, late, timeoutMs: CHANNEL_OPEN_TIMEOUT_MS });
    } finally {
      this.#openings.delete(opening);
      channel.removeEventListener('close', onClose);
    }
  }

  #of(id: number): Opening | undefined {
    return [...this.#openings].find(({ channel }) => channel.id === id);
  }
}
