import type { Abortable } from '@ouro/signaling';
import type { SignalName } from '../commands.ts';
import type { ExitStatus } from '../errors.ts';
import type { TerminalSize } from '../types.ts';

/** What a pane asks to be run. */
export interface SpawnRequest {
  /** The command and its arguments, never empty; `['*']` = the user's login shell. */
  readonly argv: readonly string[];
  /** With a size on a pty, without one on three pipes. */
  readonly size?: TerminalSize;
  /** Working directory; without one, the spawner's own choice (the user's home). */
  readonly cwd?: string;
  /**
   * What the client wants added to the environment the spawner gives, which decides what of it is taken. Undefined =
   * a client that only knows the older commands and cannot say.
   */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a process tells its pane, in order, never before `start`. */
export interface ProcessEvents {
  /** Output of the pty, or of standard output. The bytes may be reused after it returns. */
  stdout(bytes: Uint8Array): void;
  /** Standard error, without a pty only. */
  stderr(bytes: Uint8Array): void;
  /** Once, after the last output. */
  exit(status: ExitStatus): void;
}

/** One running process, on a pty or on pipes. */
export interface HostProcess {
  readonly pid: number | undefined;
  /** Called once, in the turn in which the process was handed over. */
  start(events: ProcessEvents): void;
  /** Input; resolves when more can be taken. Called one at a time. A rejection means that it takes no more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its input: closes the pipe; on a pty sends the end-of-file character. */
  endInput(): void;
  /** On a pty only. */
  resize(size: TerminalSize): void;
  kill(name: SignalName): void;
  /** No output is read from now on; at most one read that was under way (64 KiB) still comes. */
  pause(): void;
  resume(): void;
  /** The working directory it has now. */
  cwd(): Promise<string | undefined>;
}

/** Starts processes: given by the agent. */
export interface ProcessSpawner {
  /** @throws any error, when it cannot be started; its message is told to the client */
  spawn(request: SpawnRequest, options: Abortable): Promise<HostProcess> | HostProcess;
}
