import type { Abortable } from '@ouro/signaling';
import { SessionError } from '../errors.ts';
import type { Clock, Logger, TerminalSize } from '../types.ts';
import type { ProcessSpawner } from './process.ts';

/** One pane, for status. */
export interface PaneInfo {
  readonly id: number;
  readonly pid: number | undefined;
  readonly argv: readonly string[];
  /** Undefined without a pty. */
  readonly size: TerminalSize | undefined;
  /** Clients attached now. */
  readonly clients: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Settings of a PaneStore. */
export interface PaneStoreOptions {
  spawner: ProcessSpawner;
  logger: Logger;
  clock: Clock;
  /** Bytes of output kept per pane. Default `RING_BYTES`. */
  ringBytes?: number;
}

/** All panes of an agent, whatever clients come and go. */
export class PaneStore implements AsyncDisposable {
  constructor(_options: PaneStoreOptions) {}

  /** The panes whose process runs. */
  list(): PaneInfo[] {
    return [];
  }

  /** Puts text on the clipboard of the client that was active last. @throws SessionError `no-client`, `refused`, `timeout` */
  async setClipboard(_data: string, _mimetype: string, _options: Abortable): Promise<void> {
    throw new SessionError('no-client', 'No client is connected');
  }

  /** The clipboard of the client that was active last. @throws SessionError `no-client`, `refused`, `timeout` */
  async getClipboard(_options: Abortable): Promise<string> {
    throw new SessionError('no-client', 'No client is connected');
  }

  /** Sends HUP to all processes, KILL to those that stay, and closes all. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
