/** What a data channel can be asked to send: W3C `RTCDataChannel.send`. */
export type ChannelData = string | ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The data of a received message: a text frame, or a binary one as ArrayBuffer (browser) or Uint8Array. */
export interface ChannelMessageEvent {
  readonly data: unknown;
}

type Listener<Event> = (event: Event) => void;
interface ListenerOptions {
  once?: boolean;
  signal?: AbortSignal;
}

/** Events of a channel without a payload that anyone needs. */
export type ChannelEventType = 'open' | 'closing' | 'close' | 'error' | 'bufferedamountlow';

/**
 * The part of W3C `RTCDataChannel` that Ouro uses. A browser's own channel fits it, and so does the one of
 * `@ouro/peer`. `bufferedAmount` counts bytes given to `send` that the far end has not acknowledged or the
 * stack has not sent yet; `bufferedamountlow` fires when it falls to the threshold or below.
 */
export interface DataChannelLike {
  readonly label: string;
  /** The DCEP subprotocol (RFC 8832 section 5.1): what the channel is for. Empty if its opener named none. */
  readonly protocol: string;
  /** The SCTP stream, the same number at both ends; null until the connection has one for it. */
  readonly id: number | null;
  readonly readyState: 'connecting' | 'open' | 'closing' | 'closed';
  binaryType: 'arraybuffer' | 'blob';
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  send(data: ChannelData): void;
  close(): void;
  addEventListener(type: 'message', listener: Listener<ChannelMessageEvent>, options?: ListenerOptions): void;
  addEventListener(type: ChannelEventType, listener: Listener<unknown>, options?: ListenerOptions): void;
  removeEventListener(type: 'message', listener: Listener<ChannelMessageEvent>): void;
  removeEventListener(type: ChannelEventType, listener: Listener<unknown>): void;
  /**
   * Where the stack can do it: stop delivering messages and close the receive window, so that the far end's
   * `send` meets back-pressure. Browsers cannot.
   */
  pause?(): void;
  /** Undoes `pause`. */
  resume?(): void;
}

/** The part of W3C `RTCPeerConnection` that carries channels. */
export interface ChannelPeer {
  createDataChannel(label: string, init?: { ordered?: boolean; protocol?: string }): DataChannelLike;
  addEventListener(
    type: 'datachannel',
    listener: Listener<{ readonly channel: DataChannelLike }>,
    options?: ListenerOptions,
  ): void;
  removeEventListener(type: 'datachannel', listener: Listener<{ readonly channel: DataChannelLike }>): void;
}
