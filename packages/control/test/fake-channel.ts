import type { ChannelData, ChannelEventType, ChannelMessageEvent, DataChannelLike } from '@ouro/webrtc-types';
import { Emitter } from '../src/memory/emitter.ts';

/** A channel whose buffer the test drains by hand: what was sent stays in `bufferedAmount` until then. */
export class FakeChannel implements DataChannelLike {
  label = 'fake';
  protocol = '';
  id = 0;
  readyState: 'connecting' | 'open' | 'closing' | 'closed' = 'open';
  binaryType: 'arraybuffer' | 'blob' = 'blob';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  /** Everything sent. */
  readonly sent: (string | Uint8Array)[] = [];
  /** The highest `bufferedAmount` so far. */
  highest = 0;
  readonly events = new Emitter<ChannelMessageEvent>();

  send(data: ChannelData): void {
    if (this.readyState !== 'open') throw new DOMException('Not open', 'InvalidStateError');
    const copy = typeof data === 'string' ? data : new Uint8Array(data).slice();
    this.sent.push(copy);
    this.bufferedAmount += typeof copy === 'string' ? new TextEncoder().encode(copy).length : copy.length;
    this.highest = Math.max(this.highest, this.bufferedAmount);
  }

  /** The far end takes this many bytes. */
  drain(bytes = this.bufferedAmount): void {
    const before = this.bufferedAmount;
    this.bufferedAmount = Math.max(0, before - bytes);
    const threshold = this.bufferedAmountLowThreshold;
    if (before > threshold && this.bufferedAmount <= threshold) this.emit('bufferedamountlow');
  }

  open(): void {
    this.readyState = 'open';
    this.emit('open');
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.emit('close');
  }

  /** The far end sends this. */
  receive(data: unknown): void {
    this.events.emit('message', { data });
  }

  /** The sent messages as JSON values. */
  json(): unknown[] {
    return this.sent.map((data) =>
      JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)),
    );
  }

  /** All sent bytes in a row. */
  bytes(): Uint8Array {
    return new Uint8Array(this.sent.flatMap((data) => (typeof data === 'string' ? [] : [...data])));
  }

  addEventListener(type: 'message', listener: (event: ChannelMessageEvent) => void): void;
  addEventListener(type: ChannelEventType, listener: (event: unknown) => void): void;
  addEventListener(type: string, listener: (event: ChannelMessageEvent) => void): void {
    this.events.add(type, listener);
  }

  removeEventListener(type: 'message', listener: (event: ChannelMessageEvent) => void): void;
  removeEventListener(type: ChannelEventType, listener: (event: unknown) => void): void;
  removeEventListener(type: string, listener: (event: ChannelMessageEvent) => void): void {
    this.events.remove(type, listener);
  }

  emit(type: ChannelEventType): void {
    this.events.emit(type, { data: undefined });
  }
}

/** Lets all promises that are ready go on. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
