import type { ChannelPeer, PeerInfo } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import { SessionError } from '../errors.ts';
import type { TerminalSize } from '../types.ts';
import type { Pane } from './pane.ts';

/** The user's clipboard, as the far end may read and write it. */
export interface Clipboard {
  read(): Promise<string> | string;
  write(data: string, mimetype: string): Promise<void> | void;
}

/** Settings of a session. */
export interface SessionOptions extends Abortable {
  /** This program's version, for `hello`. */
  version: string;
  /** Without one, the far end's clipboard commands are refused. */
  clipboard?: Clipboard;
  /** Another client resized a pane. */
  onResize?: (paneId: number, size: TerminalSize) => void;
  /** Another client stored a payload. */
  onPayload?: (payload: unknown) => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What to run in a new pane. */
export interface AddPaneOptions {
  /** The words of the command; `['*']` is the login shell. */
  command: readonly string[];
  /** With a size on a pty, without one on pipes. */
  size?: TerminalSize;
  /** Start in this pane's working directory. */
  parent?: number;
  /** More environment; a far end that only knows the older commands ignores it. */
  env?: Readonly<Record<string, string>>;
}

/** The client's end of a session. Closing it detaches from all panes; they go on. */
export class Session implements AsyncDisposable {
  /** Who the far end is; undefined when it only knows the older commands. Never rejects. */
  readonly remote: Promise<PeerInfo | undefined> = Promise.resolve(undefined);
  /** Resolves when the control channel has closed. */
  readonly closed: Promise<void> = Promise.resolve();

  /**
   * Opens the control channel and says hello. Does not wait for the answer, nor for the channel: requests made
   * now travel right behind. @throws SessionError
   */
  static async open(_peer: ChannelPeer, _options: SessionOptions): Promise<Session> {
    return new Session();
  }

  /** Runs a command in a new pane. @throws SessionError `refused`, `timeout`, `lost`, `aborted` … */
  async addPane(_pane: AddPaneOptions, _options: Abortable): Promise<Pane> {
    throw new SessionError('closed', 'Not built yet');
  }

  /** Attaches to a pane that runs. @throws SessionError `exited` (with `exit`, when known), `refused` … */
  async reconnectPane(_id: number, _options: Abortable): Promise<Pane> {
    throw new SessionError('closed', 'Not built yet');
  }

  /** Has the far end remember each pane's place. @returns the marker for `restore` */
  async mark(_options: Abortable): Promise<string> {
    throw new SessionError('closed', 'Not built yet');
  }

  /** Later `reconnectPane`s replay from the marker. @returns the payload, a JSON text, empty if none */
  async restore(_marker: string, _options: Abortable): Promise<string> {
    throw new SessionError('closed', 'Not built yet');
  }

  /** @returns the payload, a JSON text, empty if none */
  async getPayload(_options: Abortable): Promise<string> {
    throw new SessionError('closed', 'Not built yet');
  }

  /** Stores any JSON value and tells the other clients. */
  async setPayload(_payload: unknown, _options: Abortable): Promise<void> {}

  /** Detaches from all panes and closes the control channel; the peer stays. Twice is once. Never throws. */
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
