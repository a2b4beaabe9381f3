import { ChannelWriter } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { DataChannelLike } from '@ouro/webrtc-types';
import type { CommandArgs, CommandType, SessionControl, SignalName } from '../commands.ts';
import { type ExitStatus, SessionError } from '../errors.ts';
import { toSessionError } from '../from-control.ts';
import type { TerminalSize } from '../types.ts';
import type { Pane } from './pane.ts';
import type { PaneLink } from './pane-link.ts';

/** The end-of-file character of a terminal (VEOF). */
const END_OF_TRANSMISSION = new Uint8Array([4]);

/** What a pane needs. */
export interface RemotePaneOptions {
  id: number;
  link: PaneLink;
  channel: DataChannelLike;
  control: SessionControl;
  /** Whether the far end said hello. */
  saidHello: boolean;
  /** Whether it is on a pty; undefined = not known. */
  pty: boolean | undefined;
}

/** A pane over its channels. */
export class RemotePane implements Pane {
  readonly id: number;
  readonly #options: RemotePaneOptions;
  readonly #writer: ChannelWriter;

  constructor(options: RemotePaneOptions) {
    this.id = options.id;
    this.#options = options;
    this.#writer = new ChannelWriter(options.channel);
  }

  get stdout(): AsyncIterable<Uint8Array> {
    return this.#options.link.stdout;
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return this.#options.link.stderr;
  }

  get exited(): Promise<ExitStatus> {
    return this.#options.link.exited;
  }

  async write(bytes: Uint8Array, options: Abortable): Promise<void> {
    try {
      await this.#writer.write(bytes, options);
    } catch (error) {
      if (this.#options.link.exit) {
        throw new SessionError('closed', 'The process has ended and takes no more input', { cause: error });
      }
      throw toSessionError(error, 'The agent');
    }
  }

  async end({ signal }: Abortable): Promise<void> {
    if (this.#options.saidHello) {
      await this.#afterWrites(signal);
      await this.#request('eof', { pane_id: this.id, bytes: this.#writer.bytesWritten }, signal);
    } else if (this.#options.pty ?? true) {
      await this.write(END_OF_TRANSMISSION, { signal });
    } else {
      const text = 'This agent cannot be told that the input ends: update it, or use a terminal';
      throw new SessionError('unsupported', text);
    }
  }

  async resize({ rows, cols }: TerminalSize, { signal }: Abortable): Promise<void> {
    await this.#request('resize', { pane_id: this.id, sx: cols, sy: rows }, signal);
  }

  async kill(name: SignalName, { signal }: Abortable): Promise<void> {
    if (!this.#options.saidHello) {
      throw new SessionError('unsupported', 'This agent cannot send signals: update it');
    }
    await this.#request('signal', { pane_id: this.id, name }, signal);
  }

  async detach(): Promise<void> {
    const { link } = this.#options;
    if (!link.over) link.end(new SessionError('closed', 'This client let go of the pane'), { quiet: true });
    link.close();
  }

  async #afterWrites(signal: AbortSignal): Promise<void> {
    try {
      await this.#writer.ready({ signal });
    } catch (error) {
      throw toSessionError(error, 'The agent');
    }
  }

  async #request<T extends CommandType>(type: T, args: CommandArgs<T>, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.control.request(type, args, { signal });
    } catch (error) {
      throw toSessionError(error, 'The agent');
    }
  }
}
