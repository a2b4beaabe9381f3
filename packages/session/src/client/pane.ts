import type { Abortable } from '@ouro/signaling';
import type { SignalName } from '../commands.ts';
import type { ExitStatus } from '../errors.ts';
import type { TerminalSize } from '../types.ts';

/** One pane, seen from the client. */
export interface Pane {
  readonly id: number;
  /**
   * Its output, for one reader. Ends when the process has ended and every byte was read; throws SessionError
   * `lost` or `truncated` when the connection went first. Not reading it holds the far process back.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Its error output, apart only without a pty and when both ends said hello; else it ends at once. */
  readonly stderr: AsyncIterable<Uint8Array>;
  /** How its process ended. An older far end does not tell: both null. @throws SessionError `lost`, `closed` */
  readonly exited: Promise<ExitStatus>;
  /** Sends input; resolves when more can be taken. @throws SessionError */
  write(bytes: Uint8Array, options: Abortable): Promise<void>;
  /** Ends the input after all that was written. @throws SessionError `unsupported` if the far end cannot */
  end(options: Abortable): Promise<void>;
  /** @throws SessionError */
  resize(size: TerminalSize, options: Abortable): Promise<void>;
  /** Sends a signal to the process. @throws SessionError */
  kill(name: SignalName, options: Abortable): Promise<void>;
  /** Closes this client's channels of the pane; the process goes on. `exited` rejects with `closed`. Twice is once. */
  detach(): Promise<void>;
}
