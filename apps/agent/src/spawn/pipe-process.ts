import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExitStatus, HostProcess, ProcessEvents, SignalName } from '@ouro/session';
import type { Abortable } from '@ouro/signaling';
import { signalGroup, workingDirectory } from '../base/processes.ts';

/** What a process on pipes is started with. */
export interface PipeRequest {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A process on three pipes, in a process group of its own. Its exit is told when both its outputs have ended. */
export class PipeProcess implements HostProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #alive = true;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.once('exit', () => {
      this.#alive = false;
    });
    // A program that ends without reading its input is its own business; `write` rejects.
    child.stdin.on('error', () => {});
    // 'close' follows an output that broke.
    child.stdout.on('error', () => {});
    child.stderr.on('error', () => {});
  }

  /** @throws the system's error when it cannot be started; SignalingError `aborted` */
  static async spawn({ file, args, env, cwd }: PipeRequest, { signal }: Abortable): Promise<PipeProcess> {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', () => {});
    const process = new PipeProcess(child);
    try {
      await once(child, 'spawn', { signal });
    } catch (thrown) {
      child.kill('SIGKILL');
      throw thrown;
    }
    return process;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  start(events: ProcessEvents): void {
    const { stdout, stderr } = this.#child;
    stdout.on('data', (bytes) => events.stdout(bytes));
    stderr.on('data', (bytes) => events.stderr(bytes));
    this.#child.once('close', (code: number | null, signal: string | null) => {
      const status: ExitStatus = { code, signal };
      events.exit(status);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  /** There is no terminal. */
  resize(): void {}

  kill(name: SignalName): void {
    if (this.#alive && this.pid !== undefined) signalGroup(this.pid, name);
  }

  pause(): void {
    this.#child.stdout.pause();
    this.#child.stderr.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
    this.#child.stderr.resume();
  }

  async cwd(): Promise<string | undefined> {
    return this.pid === undefined ? undefined : workingDirectory(this.pid);
  }
}
