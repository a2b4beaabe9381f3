import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Longest any single run may take, in milliseconds. */
const RUN_TIMEOUT_MS = 120_000;

/** Starts a program with pipes; its error output is kept for a failure. Disposing kills it. */
export function start([program, ...args], env) {
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(RUN_TIMEOUT_MS),
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-64 * 1024);
  });
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit');
  return {
    child,
    started,
    exited,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited.catch(() => undefined);
    },
  };
}

/** Waits for the end of a run; a failure of the program is one of the bench. */
export async function finish(run) {
  const [code, signal] = await run.exited;
  if (code !== 0)
    throw new Error(`${run.child.spawnargs.join(' ')} ended with ${code ?? signal}: ${run.errors()}`);
  return performance.now() - run.started;
}
