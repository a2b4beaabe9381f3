import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { ExitStatus, HostProcess, ProcessEvents, SignalName, TerminalSize } from '@ouro/session';
import { PTY_DRAIN_QUIET_MS } from '../base/constants.ts';
import { foregroundGroup, signalGroup, workingDirectory } from '../base/processes.ts';
import { loadBinding, type PtyBinding, spawnHelper } from './binding.ts';
import { PtyInput } from './pty-input.ts';

/** What a terminal is started with. */
export interface PtyRequest {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly size: TerminalSize;
}

const signalName = (number: number): string | null =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;

const toStatus = (code: number, signal: number): ExitStatus =>
  signal === 0 ? { code, signal: null } : { code: null, signal: signalName(signal) };

/** A process on a pseudo-terminal. Its exit is told only when every byte of its output was. */
export class PtyProcess implements HostProcess {
  readonly pid: number;
  readonly #binding: PtyBinding;
  readonly #fd: number;
  readonly #output: ReadStream;
  readonly #input: PtyInput;
  #events: ProcessEvents | undefined;
  #exit: ExitStatus | undefined;
  #paused = false;
  #drained = false;
  #told = false;
  #quiet: NodeJS.Timeout | undefined;
  readonly #onEnd: (fd: number) => void;

  /**
   * @param onEnd called with the master's descriptor once it is closed
   * @throws the system's error when there is no terminal or process to be had
   */
  constructor(request: PtyRequest, onEnd: (fd: number) => void) {
    this.#binding = loadBinding();
    this.#onEnd = onEnd;
    const { file, args, cwd, size } = request;
    const env = Object.entries({ ...request.env, PWD: cwd }).map(([name, value]) => `${name}=${value}`);
    const { fd, pid } = this.#binding.fork(
      ...([file, args, env, cwd, size.cols, size.rows, -1, -1, true, spawnHelper()] as const),
      (code, signal) => this.#onExit(toStatus(code, signal)),
    );
    this.#fd = fd;
    this.pid = pid;
    this.#output = new ReadStream(fd);
    this.#input = new PtyInput(fd, () => !this.#output.destroyed);
    // Reading a master whose program ended gives EIO; it is the end of file, and 'close' follows.
    this.#output.on('error', () => {});
    this.#output.on('close', () => this.#onDrained());
  }

  /** The master's descriptor. */
  get master(): number {
    return this.#fd;
  }

  start(events: ProcessEvents): void {
    this.#events = events;
    this.#output.on('data', (bytes: Buffer) => {
      this.#watchQuiet();
      events.stdout(bytes);
    });
    this.#tellExit();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#input.write(bytes);
  }

  endInput(): void {
    // A terminal that closed meanwhile has ended its input.
    this.#input.endOfFile().catch(() => {});
  }

  resize({ rows, cols }: TerminalSize): void {
    if (!this.#output.destroyed) this.#binding.resize(this.#fd, cols, rows, 0, 0);
  }

  /** To the session's own group and the one in the foreground: a shell's jobs have their own. */
  kill(name: SignalName): void {
    if (this.#exit !== undefined) return;
    const foreground = foregroundGroup(this.pid);
    const everyone = name === 'HUP' || name === 'KILL' || name === 'TERM' || foreground === undefined;
    if (foreground !== undefined) signalGroup(foreground, name);
    if (everyone && foreground !== this.pid) signalGroup(this.pid, name);
  }

  pause(): void {
    this.#paused = true;
    clearTimeout(this.#quiet);
    this.#output.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#output.resume();
    this.#watchQuiet();
  }

  cwd(): Promise<string | undefined> {
    return workingDirectory(this.pid);
  }

  #onExit(status: ExitStatus): void {
    this.#exit = status;
    this.#watchQuiet();
    this.#tellExit();
  }

  /** Once the program has ended and nothing more comes for a while, the terminal counts as drained. */
  #watchQuiet(): void {
    clearTimeout(this.#quiet);
    if (this.#exit === undefined || this.#paused || this.#drained || this.#events === undefined) return;
    this.#quiet = setTimeout(() => this.#output.destroy(), PTY_DRAIN_QUIET_MS);
  }

  #onDrained(): void {
    this.#drained = true;
    clearTimeout(this.#quiet);
    this.#input.close();
    this.#onEnd(this.#fd);
    this.#tellExit();
  }

  #tellExit(): void {
    if (this.#told || this.#exit === undefined || !this.#drained || this.#events === undefined) return;
    this.#told = true;
    this.#events.exit(this.#exit);
  }
}
