import type { DataChannelLike } from '@ouro/webrtc-types';
import type { CommandArgs } from '../commands.ts';
import { type ExitStatus, SessionError } from '../errors.ts';
import { ByteStream } from './byte-stream.ts';
import type { Claim } from './channel-router.ts';

/**
 * The channels of one pane and how they end, from the moment the request for it is sent: what comes early is
 * taken in, and what comes in another order than it was sent is put right.
 */
export class PaneLink implements Claim {
  readonly stdout = new ByteStream();
  readonly stderr = new ByteStream();
  /** Why the far end closes the session, once it said so. */
  farewell: SessionError | undefined;
  readonly #arrived = Promise.withResolvers<DataChannelLike>();
  readonly #exited = Promise.withResolvers<ExitStatus>();
  readonly #allReceived = Promise.withResolvers<void>();
  readonly #channels: DataChannelLike[] = [];
  readonly #tellsExit: () => boolean;
  #onIdentified: ((link: PaneLink) => void) | undefined;
  #paneId: number | undefined;
  #exit: ExitStatus | undefined;
  #over = false;

  /**
   * @param tellsExit whether the far end tells how a process ended
   * @param onIdentified called once when the pane's id is known
   */
  constructor(tellsExit: () => boolean, onIdentified: (link: PaneLink) => void) {
    this.#tellsExit = tellsExit;
    this.#onIdentified = onIdentified;
    // Nobody may be waiting for them when they fail.
    this.#arrived.promise.catch(() => {});
    this.#exited.promise.catch(() => {});
    this.stdout.onEnd = () => this.#checkReceived();
    this.stderr.onEnd = () => this.#checkReceived();
  }

  /** The pane's main channel. @throws SessionError */
  get arrived(): Promise<DataChannelLike> {
    return this.#arrived.promise;
  }

  /** How the process ended. @throws SessionError `lost`, `closed` */
  get exited(): Promise<ExitStatus> {
    return this.#exited.promise;
  }

  /** How the process ended, if that is known by now. */
  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Resolves when both streams have ended, whatever the reason. */
  get settled(): Promise<void> {
    return this.#allReceived.promise;
  }

  get paneId(): number | undefined {
    return this.#paneId;
  }

  /** Whether this pane is gone for this client. */
  get over(): boolean {
    return this.#over;
  }

  /** The pane's id became known; the first to say it counts. */
  identify(paneId: number): void {
    if (this.#paneId !== undefined) return;
    this.#paneId = paneId;
    this.#onIdentified?.(this);
    this.#onIdentified = undefined;
  }

  onChannel(kind: 'stdout' | 'stderr', paneId: number, channel: DataChannelLike): boolean {
    const stream = this[kind];
    if (this.#over || stream.listening) return false;
    this.#channels.push(channel);
    stream.listen(channel);
    channel.addEventListener('close', () => this.#onClose(kind), { once: true });
    this.identify(paneId);
    if (kind === 'stdout') this.#arrived.resolve(channel);
    return true;
  }

  reached(kind: 'stdout' | 'stderr', bytes: number): Promise<void> {
    return this[kind].reached(bytes);
  }

  /** The far end says that the process ended. @returns when all its output has come, or can no more */
  onExit({ code, signal, bytes }: CommandArgs<'exit'>): Promise<void> {
    if (this.#exit) return this.#allReceived.promise;
    this.#exit = { code, signal };
    this.#exited.resolve(this.#exit);
    this.stdout.announce(bytes.stdout);
    this.stderr.announce(bytes.stderr);
    return this.#allReceived.promise;
  }

  /** Ends all that is not over yet, with this error for those who wait; `quiet`: the streams just end. */
  end(error: SessionError, { quiet = false } = {}): void {
    this.#over = true;
    this.stdout.end(quiet ? undefined : error);
    this.stderr.end(quiet ? undefined : error);
    this.#arrived.reject(error);
    this.#exited.reject(error);
  }

  /** Closes the channels. */
  close(): void {
    for (const channel of this.#channels) channel.close();
  }

  #onClose(kind: 'stdout' | 'stderr'): void {
    if (this.#exit) {
      const text = 'The connection was lost before all output had come';
      this[kind].end(new SessionError('truncated', text));
      if (kind === 'stdout') this.#over = true;
    } else if (!this.#tellsExit()) {
      this.#onPlainEnd(kind);
    } else {
      const text = 'The connection to the pane was lost; it may still run on the host';
      this.end(this.farewell ?? new SessionError('lost', text));
    }
  }

  /** An older far end says with the close alone that the process has ended. */
  #onPlainEnd(kind: 'stdout' | 'stderr'): void {
    this[kind].end();
    if (kind === 'stderr') return;
    this.#over = true;
    this.stderr.end();
    this.#exited.resolve({ code: null, signal: null });
  }

  #checkReceived(): void {
    if (this.stdout.ended && this.stderr.ended) this.#allReceived.resolve();
  }
}
