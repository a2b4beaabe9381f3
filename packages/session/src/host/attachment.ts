import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import type { HostPane, PaneClient, Places } from './pane.ts';
import { PaneInput } from './pane-input.ts';
import { type Cursor, PaneOutput } from './pane-output.ts';

/** Where a client begins: at exact places, or with a snapshot of the screen. */
export type StartingPoint = Places | 'snapshot';

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
  readonly #outputs: { stdout: PaneOutput; stderr: PaneOutput | undefined };
  readonly #input: PaneInput;
  readonly #stop = new AbortController();

  /** @throws SessionError `busy` */
  constructor(options: AttachmentOptions) {
    const { pane, channel, stderrChannel, from } = options;
    this.pane = pane;
    this.#channels = stderrChannel ? [channel, stderrChannel] : [channel];
    const places = from === 'snapshot' ? { stdout: pane.stdout.end, stderr: 0 } : from;
    const stdout: Cursor = { ring: pane.stdout, position: places.stdout };
    const stderr: Cursor[] = pane.stderr ? [{ ring: pane.stderr, position: places.stderr }] : [];
    const merged = stderrChannel ? [stdout] : [stdout, ...stderr];
    this.#outputs = {
      stdout: new PaneOutput(channel, pane, merged, from === 'snapshot'),
      stderr: stderrChannel && new PaneOutput(stderrChannel, pane, stderr),
    };
    pane.attach(this);
    this.#input = new PaneInput(channel, pane, options.onActive);
    for (const one of this.#channels) one.addEventListener('close', this.#onClose);
  }

  get lag(): number {
    return Math.max(this.#outputs.stdout.lag, this.#outputs.stderr?.lag ?? 0);
  }

  /** Bytes sent to this client. */
  get bytesSent(): { stdout: number; stderr: number } {
    return { stdout: this.#outputs.stdout.bytesSent, stderr: this.#outputs.stderr?.bytesSent ?? 0 };
  }

  /** The same by the label of each channel. */
  get sentByLabel(): [string, number][] {
    const { stdout, stderr } = this.bytesSent;
    return this.#channels.map(({ label }, at) => [label, at === 0 ? stdout : stderr]);
  }

  /** Where this client is, exactly; undefined while it waits for a snapshot. */
  get places(): Places | undefined {
    const cursors = [this.#outputs.stdout.places, this.#outputs.stderr ? this.#outputs.stderr.places : []];
    const all = cursors.flatMap((list) => list ?? []);
    if (cursors.includes(undefined)) return undefined;
    const at = (ring: unknown) => all.find((cursor) => cursor.ring === ring)?.position ?? 0;
    return { stdout: at(this.pane.stdout), stderr: at(this.pane.stderr) };
  }

  wake(): void {
    this.#outputs.stdout.wake();
    this.#outputs.stderr?.wake();
  }

  /** The client's input ends after this many bytes. */
  endInputAt(bytes: number): void {
    this.#input.endAt(bytes);
  }

  /** Sends nothing until the returned function is called. */
  freeze(): () => void {
    const { stdout, stderr } = this.#outputs;
    const releases = [stdout.freeze(), stderr?.freeze()];
    return () => {
      for (const release of releases) release?.();
    };
  }

  /** Resolves when the client has taken all that was sent so far. @throws ControlError */
  async drained(options: Abortable): Promise<void> {
    await Promise.all([this.#outputs.stdout.drained(options), this.#outputs.stderr?.drained(options)]);
  }

  /** Fires when this attachment is over. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Sends until the pane has ended and all was sent. @throws when the channel closed or the place is lost */
  async run(): Promise<void> {
    const { signal } = this;
    await Promise.all([this.#outputs.stdout.run({ signal }), this.#outputs.stderr?.run({ signal })]);
  }

  /** Lets go of the pane and closes the channels. Twice is once. */
  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#input.stop();
    for (const channel of this.#channels) {
      channel.removeEventListener('close', this.#onClose);
      channel.close();
    }
    this.pane.detach(this);
  }

  readonly #onClose = (): void => this.close();
}
