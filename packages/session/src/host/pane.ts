import { MAX_CHUNK_BYTES } from '@ouro/control';
import type { SignalName } from '../commands.ts';
import { HOLD_BACK_BYTES, MAX_CLIENTS_PER_PANE, MIN_RING_BYTES, RING_BYTES } from '../constants.ts';
import { type ExitStatus, SessionError } from '../errors.ts';
import type { TerminalSize } from '../types.ts';
import type { PaneOutputSource } from './pane-output.ts';
import type { HostProcess } from './process.ts';
import { RingBuffer } from './ring-buffer.ts';
import { Screen } from './screen.ts';

/** One client's hold on a pane, as the pane sees it. */
export interface PaneClient {
  /** Output it has yet to be sent, in bytes. */
  readonly lag: number;
  /** New output is there, or the pane ended. */
  wake(): void;
}

/** Settings of a pane. */
export interface HostPaneOptions {
  id: number;
  argv: readonly string[];
  process: HostProcess;
  /** With a size the process is on a pty and has a screen. */
  size?: TerminalSize;
  startedAt: number;
  /** Default `RING_BYTES`, at least `MIN_RING_BYTES`. */
  ringBytes?: number;
  onExit: (status: ExitStatus) => void;
}

/** Places in the streams of a pane. */
export interface Places {
  readonly stdout: number;
  readonly stderr: number;
}

/** A process, what it wrote last, its screen, and the clients that watch it. */
export class HostPane implements PaneOutputSource {
  readonly id: number;
  readonly argv: readonly string[];
  readonly process: HostProcess;
  readonly startedAt: number;
  readonly stdout: RingBuffer;
  /** Without a pty only. */
  readonly stderr: RingBuffer | undefined;
  readonly #holdBack: number;
  #screen: Screen | undefined;
  readonly #clients = new Set<PaneClient>();
  readonly #onExit: (status: ExitStatus) => void;
  #size: TerminalSize | undefined;
  readonly #over = Promise.withResolvers<void>();
  #exit: ExitStatus | undefined;
  #held = false;
  #feeding = false;
  #inputTail: Promise<void> = Promise.resolve();
  #inputEnded = false;

  constructor(options: HostPaneOptions) {
    this.id = options.id;
    this.argv = options.argv;
    this.process = options.process;
    this.startedAt = options.startedAt;
    this.#onExit = options.onExit;
    this.#size = options.size;
    const ringBytes = Math.max(options.ringBytes ?? RING_BYTES, MIN_RING_BYTES);
    this.#holdBack = Math.min(HOLD_BACK_BYTES, ringBytes / 4);
    this.stdout = new RingBuffer(ringBytes);
    this.stderr = options.size ? undefined : new RingBuffer(ringBytes);
    this.#screen = options.size ? new Screen(options.size) : undefined;
  }

  /** Lets the output flow. Called once, after the first client was attached. */
  start(): void {
    this.process.start({
      stdout: (bytes) => this.#output(this.stdout, bytes),
      stderr: (bytes) => this.#output(this.stderr ?? this.stdout, bytes),
      exit: (status) => this.#ended(status),
    });
  }

  get size(): TerminalSize | undefined {
    return this.#size;
  }

  /** How the process ended; undefined while it runs. */
  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Resolves when the process has ended. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  get ended(): boolean {
    return this.#exit !== undefined;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** @throws SessionError `busy` at `MAX_CLIENTS_PER_PANE` */
  attach(client: PaneClient): void {
    if (this.#clients.size >= MAX_CLIENTS_PER_PANE) {
      throw new SessionError('busy', `Pane ${this.id} has ${MAX_CLIENTS_PER_PANE} clients already`);
    }
    this.#clients.add(client);
    this.#regulate();
  }

  /** Twice is once. */
  detach(client: PaneClient): void {
    this.#clients.delete(client);
    this.#regulate();
    this.#disposeUnused();
  }

  /** Input for the process, after all earlier input. @throws when it takes no more */
  input(bytes: Uint8Array): Promise<void> {
    const done = this.#inputTail.then(() => {
      if (!this.ended && !this.#inputEnded) return this.process.write(bytes);
      throw new SessionError('closed', 'The process takes no more input');
    });
    this.#inputTail = done.catch(() => {});
    return done;
  }

  /** Ends the input after all earlier input. */
  async endInput(): Promise<void> {
    await this.#inputTail;
    if (this.ended || this.#inputEnded) return;
    // A pty's input goes on after its end-of-file character; a pipe's does not.
    this.#inputEnded = this.#size === undefined;
    this.process.endInput();
  }

  /** @returns whether the size changed @throws SessionError `unsupported` without a pty */
  resize(size: TerminalSize): boolean {
    const old = this.#size;
    if (!old) throw new SessionError('unsupported', `Pane ${this.id} has no terminal to resize`);
    if (old.rows === size.rows && old.cols === size.cols) return false;
    this.#size = size;
    if (this.ended) return false;
    this.process.resize(size);
    this.#screen?.resize(size);
    return true;
  }

  kill(name: SignalName): void {
    if (!this.ended) this.process.kill(name);
  }

  snapshot(): { bytes: Uint8Array; resumeFrom: number } | undefined {
    if (!this.#screen) return undefined;
    const { position, resumeFrom } = this.#screen;
    const bytes = new TextEncoder().encode(this.#screen.snapshot());
    // A string sequence longer than the ring: its start is gone, so its rest is all there is.
    return { bytes, resumeFrom: resumeFrom < this.stdout.start ? position : resumeFrom };
  }

  /** A client's place moved. */
  moved(): void {
    this.#regulate();
  }

  #output(ring: RingBuffer, bytes: Uint8Array): void {
    if (this.ended || bytes.length === 0) return;
    ring.write(bytes);
    for (const client of this.#clients) client.wake();
    this.#feed();
    this.#regulate();
  }

  #ended(status: ExitStatus): void {
    if (this.ended) return;
    this.#exit = status;
    for (const client of this.#clients) client.wake();
    this.#disposeUnused();
    this.#onExit(status);
    this.#over.resolve();
  }

  /** The last client of an ended pane may still need a snapshot; after it nobody does. */
  #disposeUnused(): void {
    if (!this.ended || this.#clients.size > 0) return;
    this.#screen?.[Symbol.dispose]();
    this.#screen = undefined;
  }

  /** The emulator takes its bytes from the ring as a client does, one message at a time. */
  #feed(): void {
    const screen = this.#screen;
    if (!screen || this.#feeding) return;
    const from = Math.max(screen.position, this.stdout.start);
    const bytes = this.stdout.read(from, MAX_CHUNK_BYTES);
    if (bytes === 'gone' || bytes.length === 0) return;
    if (from > screen.position) screen.skipTo(from);
    this.#feeding = true;
    screen.write(bytes).then(() => {
      this.#feeding = false;
      this.#regulate();
      this.#feed();
    });
  }

  #regulate(): void {
    // Released at half of it, so that it does not start and stop with each message.
    const limit = this.#held ? this.#holdBack / 2 : this.#holdBack;
    const hold = !this.ended && (this.#clientsLag(limit) || this.#screenLag > limit);
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.process.pause();
    else if (!this.ended) this.process.resume();
  }

  /** With a screen to catch up from, the quickest client sets the pace; without one, the slowest. */
  #clientsLag(limit: number): boolean {
    const lags = [...this.#clients].map((client) => client.lag);
    if (lags.length === 0) return false;
    return (this.#screen ? Math.min(...lags) : Math.max(...lags)) > limit;
  }

  get #screenLag(): number {
    return this.#screen ? this.stdout.end - this.#screen.position : 0;
  }
}
