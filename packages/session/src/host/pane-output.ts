import { ChannelWriter, MAX_CHUNK_BYTES } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { CHANNEL_OPEN_TIMEOUT_MS } from '../constants.ts';
import type { RingBuffer } from './ring-buffer.ts';

/** A place in one stream of a pane. */
export interface Cursor {
  readonly ring: RingBuffer;
  position: number;
}

/** What a pane output needs of its pane. */
export interface PaneOutputSource {
  /** Whether no more output will come. */
  readonly ended: boolean;
  /** Called whenever a cursor moved. */
  moved(): void;
  /** A snapshot of the screen and the place in stdout where it goes on; undefined = this pane has no screen. */
  snapshot(): { bytes: Uint8Array; resumeFrom: number } | undefined;
}

/** Thrown inside when a stream that must be exact has lost bytes. */
class OutputGone extends Error {}

/**
 * Sends a pane's output to one channel: the client's own place in the ring, so that each client goes at its own
 * pace and nothing is queued or copied for it. Several cursors are merged into one channel.
 */
export class PaneOutput {
  readonly #writer: ChannelWriter;
  readonly #source: PaneOutputSource;
  readonly #cursors: Cursor[];
  #snapshotDue: boolean;
  #frozen = 0;
  #wake: (() => void) | undefined;

  /**
   * @param cursors where to start
   * @param snapshotDue whether a snapshot of the screen comes first, which then says where `cursors` go on
   */
  constructor(channel: DataChannelLike, source: PaneOutputSource, cursors: Cursor[], snapshotDue = false) {
    this.#writer = new ChannelWriter(channel);
    this.#source = source;
    this.#cursors = cursors;
    this.#snapshotDue = snapshotDue;
  }

  /** Bytes sent on the channel, snapshots and replays too. */
  get bytesSent(): number {
    return this.#writer.bytesWritten;
  }

  /** Output that this client has yet to be sent. */
  get lag(): number {
    return Math.max(...this.#cursors.map(({ ring, position }) => ring.end - position));
  }

  /** The places; undefined while a snapshot is due, since then there is no exact place. */
  get places(): readonly Cursor[] | undefined {
    return this.#behind() ? undefined : this.#cursors;
  }

  /** New output is there, or the pane ended. */
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Sends nothing until the returned function is called: what is out stays what is out. */
  freeze(): () => void {
    this.#frozen += 1;
    return () => {
      this.#frozen -= 1;
      this.wake();
    };
  }

  /** Resolves when the far end has taken all that was sent so far. @throws ControlError */
  drained(options: Abortable): Promise<void> {
    return this.#writer.drained(options);
  }

  /** Sends until the pane has ended and all was sent. @throws ControlError, OutputGone */
  async run({ signal }: Abortable): Promise<void> {
    const opening = AbortSignal.any([signal, AbortSignal.timeout(CHANNEL_OPEN_TIMEOUT_MS)]);
    await this.#writer.ready({ signal: opening });
    for (;;) {
      const bytes = this.#frozen > 0 ? undefined : this.#behind() ? this.#catchUp() : this.#next();
      if (bytes) {
        this.#source.moved();
        await this.#writer.write(bytes, { signal });
      } else if (this.#source.ended && this.#frozen === 0) {
        return;
      } else {
        await this.#woken(signal);
      }
    }
  }

  #behind(): boolean {
    return this.#snapshotDue || this.#cursors.some(({ ring, position }) => position < ring.start);
  }

  #catchUp(): Uint8Array {
    const snapshot = this.#source.snapshot();
    const [cursor] = this.#cursors;
    if (!snapshot || !cursor) throw new OutputGone();
    this.#snapshotDue = false;
    cursor.position = snapshot.resumeFrom;
    return snapshot.bytes;
  }

  #next(): Uint8Array | undefined {
    for (const cursor of this.#cursors) {
      const bytes = cursor.ring.read(cursor.position, MAX_CHUNK_BYTES);
      if (bytes === 'gone' || bytes.length === 0) continue;
      cursor.position += bytes.length;
      // The other stream has its turn next, if there is one.
      this.#cursors.push(...this.#cursors.splice(this.#cursors.indexOf(cursor), 1));
      return bytes;
    }
    return undefined;
  }

  #woken(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    this.#wake = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    if (signal.aborted) onAbort();
    return promise;
  }
}
