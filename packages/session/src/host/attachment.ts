import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { Inlet } from './inlet.ts';
import { type Cursor, Outlet } from './outlet.ts';
import type { HostPane, PaneClient, Places } from './pane.ts';

/** Where a client begins: at exact places, or with a picture of the screen. */
export type StartingPoint = Places | 'picture';

/** Settings of an attachment. */
export interface AttachmentOptions {
  pane: HostPane;
  /** Output and input. */
  channel: DataChannelLike;
  /** A channel of its own for standard error; without one both streams share `channel`. */
  stderrChannel?: DataChannelLike;
  from: StartingPoint;
  /** The user did something here. */
  onActive: () => void;
}

/** One client's hold on one pane. Attaching and fixing the place happen in one turn: no byte is missed or doubled. */
export class Attachment implements PaneClient {
  readonly pane: HostPane;
  readonly #channels: DataChannelLike[];
  readonly #outlets: { stdout: Outlet; stderr: Outlet | undefined };
  readonly #inlet: Inlet;
  readonly #stop = new AbortController();

  /** @throws SessionError `busy` */
  constructor(options: AttachmentOptions) {
    const { pane, channel, stderrChannel, from } = options;
    this.pane = pane;
    this.#channels = stderrChannel ? [channel, stderrChannel] : [channel];
    const places = from === 'picture' ? { stdout: pane.stdout.end, stderr: 0 } : from;
    const stdout: Cursor = { ring: pane.stdout, position: places.stdout };
    const stderr: Cursor[] = pane.stderr ? [{ ring: pane.stderr, position: places.stderr }] : [];
    const merged = stderrChannel ? [stdout] : [stdout, ...stderr];
    this.#outlets = {
      stdout: new Outlet(channel, pane, merged, from === 'picture'),
      stderr: stderrChannel && new Outlet(stderrChannel, pane, stderr),
    };
    pane.attach(this);
    this.#inlet = new Inlet(channel, pane, options.onActive);
    for (const one of this.#channels) one.addEventListener('close', this.#onClose);
  }

  get lag(): number {
    return Math.max(this.#outlets.stdout.lag, this.#outlets.stderr?.lag ?? 0);
  }

  /** Bytes sent to this client. */
  get bytesSent(): { stdout: number; stderr: number } {
    return { stdout: this.#outlets.stdout.bytesSent, stderr: this.#outlets.stderr?.bytesSent ?? 0 };
  }

  /** The same by the label of each channel. */
  get sentByLabel(): [string, number][] {
    const { stdout, stderr } = this.bytesSent;
    return this.#channels.map(({ label }, at) => [label, at === 0 ? stdout : stderr]);
  }

  /** Where this client is, exactly; undefined while it waits for a picture. */
  get places(): Places | undefined {
    const cursors = [this.#outlets.stdout.places, this.#outlets.stderr ? this.#outlets.stderr.places : []];
    const all = cursors.flatMap((list) => list ?? []);
    if (cursors.includes(undefined)) return undefined;
    const at = (ring: unknown) => all.find((cursor) => cursor.ring === ring)?.position ?? 0;
    return { stdout: at(this.pane.stdout), stderr: at(this.pane.stderr) };
  }

  wake(): void {
    this.#outlets.stdout.wake();
    this.#outlets.stderr?.wake();
  }

  /** The client's input ends after this many bytes. */
  endInputAt(bytes: number): void {
    this.#inlet.endAt(bytes);
  }

  /** Sends nothing until the returned function is called. */
  freeze(): () => void {
    const { stdout, stderr } = this.#outlets;
    const releases = [stdout.freeze(), stderr?.freeze()];
    return () => {
      for (const release of releases) release?.();
    };
  }

  /** Resolves when the client has taken all that was sent so far. @throws ControlError */
  async drained(options: Abortable): Promise<void> {
    await Promise.all([this.#outlets.stdout.drained(options), this.#outlets.stderr?.drained(options)]);
  }

  /** Fires when this attachment is over. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Sends until the pane has ended and all was sent. @throws when the channel closed or the place is lost */
  async run(): Promise<void> {
    const { signal } = this;
    await Promise.all([this.#outlets.stdout.run({ signal }), this.#outlets.stderr?.run({ signal })]);
  }

  /** Lets go of the pane and closes the channels. Twice is once. */
  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#inlet.stop();
    for (const channel of this.#channels) {
      channel.removeEventListener('close', this.#onClose);
      channel.close();
    }
    this.pane.detach(this);
  }

  readonly #onClose = (): void => this.close();
}
