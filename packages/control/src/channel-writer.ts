import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from './channel.ts';

/** Settings of a ChannelWriter. */
export interface ChannelWriterOptions {
  /** Largest message, in bytes. Default `MAX_CHUNK_BYTES`. */
  maxChunkBytes?: number;
  /** Most bytes outstanding. Default `MAX_OUTSTANDING_BYTES`. */
  maxOutstandingBytes?: number;
}

/** Writes bytes to a channel with real back-pressure. */
export class ChannelWriter {
  /** Bytes given to the channel so far. */
  readonly bytesWritten: number = 0;

  constructor(_channel: DataChannelLike, _options: ChannelWriterOptions = {}) {}

  /**
   * Splits the bytes into messages and sends them in order after all earlier writes; resolves when the channel
   * can take more. The bytes must not change until then.
   * @throws ControlError `closed`, `aborted`, `timeout` (of the signal), `busy`
   */
  async write(_bytes: Uint8Array, _options: Abortable): Promise<void> {}

  /** Resolves when the channel is open and can take a whole message. @throws ControlError */
  async ready(_options: Abortable): Promise<void> {}

  /** Resolves when nothing is outstanding. @throws ControlError */
  async drained(_options: Abortable): Promise<void> {}
}
