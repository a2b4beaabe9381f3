import type { ByteDuplex } from '@ouro/base/node';
import type { Abortable } from '@ouro/signaling';

/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** The pty asked for on a channel. */
export interface PtyRequest extends TerminalSize {
  /** Terminal type; `xterm-256color` unless told. */
  readonly term?: string;
}

/** What a channel is opened with. */
export interface ChannelOptions extends Abortable {
  /** None unless given: then the streams are binary and stderr is apart. */
  readonly pty?: PtyRequest;
  /** Variables for the far process; sshd takes those its AcceptEnv names and drops the rest. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a far process ended: a code from 0 to 255, or the signal that killed it (`TERM`), or neither when the host did not say. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Signals that SSH can carry (RFC 4254 section 6.9), without `SIG`. */
export type SshSignal = 'HUP' | 'INT' | 'KILL' | 'QUIT' | 'TERM' | 'USR1' | 'USR2';

/** One process on the host, with its stdio. `readable` is its stdout, `end` closes the channel whatever runs. */
export interface SshChannel extends ByteDuplex {
  /** Bytes of stderr; must be read (or `discardStderr` called), or a process that writes there stalls. */
  readonly stderr: AsyncIterable<Uint8Array>;
  discardStderr(): void;
  /** Ends the process's stdin; its output still comes. */
  eof(): Promise<void>;
  /** Tells the host the new size of the terminal. Without a pty nothing happens. */
  resize(size: TerminalSize): void;
  /** Sends a signal to the process. */
  kill(signal: SshSignal): void;
  /** Settles when the channel is closed and all its output was read. @throws SshError `lost` when the connection broke first */
  readonly exited: Promise<ExitStatus>;
}

/** One SSH connection, authenticated. */
export interface SshConnection extends AsyncDisposable {
  /** The account that was logged in. */
  readonly user: string;
  /** The destination as the user wrote it. */
  readonly host: string;
  /** The key the host proved, as `SHA256:...`; undefined where the carrier does not tell (a system's ssh). */
  readonly hostKey: string | undefined;
  /** Runs a command by the user's login shell. @throws SshError `lost`, `refused`, `aborted` */
  exec(command: string, options: ChannelOptions): Promise<SshChannel>;
  /** Starts the user's login shell. @throws SshError `lost`, `refused`, `aborted` */
  shell(options: ChannelOptions): Promise<SshChannel>;
  /** Settles when the connection is gone, with what broke it if anything did. */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection and every channel. Twice is once. Never throws. */
  close(): Promise<void>;
}
