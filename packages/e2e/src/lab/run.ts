import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { COMMAND_TIMEOUT_MS, MAX_OUTPUT_BYTES } from './constants.ts';

/** How a command ended, with all that it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run to its end. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** 20 s unless told; then it is killed and the run rejects. */
  readonly timeoutMs?: number;
}

const collect = (stream: NodeJS.ReadableStream | null): (() => string) => {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
};

/** Runs a command to its end and tells how it ended. @throws when it cannot start, is cancelled or takes too long */
export const run = (argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> => {
  const [program = '', ...args] = argv;
  const timeout = AbortSignal.timeout(options.timeoutMs ?? COMMAND_TIMEOUT_MS);
  const spawnOptions: SpawnOptions = {
    stdio: ['pipe', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    ...(options.env ? { env: { ...options.env } } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  };
  const child = spawn(program, args, spawnOptions);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${argv.join(' ')}: ${cause.message}\n${stdout()}${stderr()}`, { cause })),
    );
    child.once('close', (code, signal) => resolve({ code, signal, stdout: stdout(), stderr: stderr() }));
  });
};

/** As `run`, but anything but exit 0 is thrown; gives stdout. */
export const must = async (argv: readonly string[], options?: RunOptions): Promise<string> => {
  const result = await run(argv, options);
  if (result.code === 0) return result.stdout;
  throw new Error(
    `${argv.join(' ')} ended with ${result.code ?? result.signal}: ${result.stderr}${result.stdout}`,
  );
};

/** Starts a process that dies with this one, whatever kills us. */
export const spawnBound = (argv: readonly string[], options: SpawnOptions = {}): ChildProcess =>
  spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], options);

/** Kills a process that we started and waits until it is gone. */
export const killAndWait = async (child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
};
