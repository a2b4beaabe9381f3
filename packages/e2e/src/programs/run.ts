import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended and what it said. */
export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Settings of a run. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What its standard input says; then it ends. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until it is killed. */
  readonly timeoutMs?: number;
}

const RUN_TIMEOUT_MS = 30_000;

/** A program under way with pipes; killed on dispose. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  readonly #stderr: Buffer[] = [];

  constructor([file, ...args]: readonly string[], options: RunOptions) {
    this.child = spawn(file ?? '', args, {
      env: { ...options.env },
      stdio: 'pipe',
      timeout: options.timeoutMs ?? RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => resolve([code, signal]));
    });
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
  }

  /** What it has said on its error output so far. */
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      this.child.stdout.resume();
      await once(this.child, 'exit');
    }
  }
}

/** Runs a program to its end. */
export async function run(words: readonly string[], options: RunOptions): Promise<RunResult> {
  await using program = new Program(words, options);
  const stdout: Buffer[] = [];
  program.child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  program.child.stdin.end(options.input ?? '');
  const [code, signal] = await program.exited;
  return { code, signal, stdout: Buffer.concat(stdout), stderr: program.stderr };
}
