import { execFile } from 'node:child_process';
import type { Abortable } from '@ouro/signaling';

/** How a short helper program ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest run of `ssh -G` or `ssh-keygen -F`, in ms; a `Match exec` of the user's own configuration may be slow. */
const RUN_TIMEOUT_MS = 10_000;

/** Runs a helper to its end. Undefined when it is not installed. @throws the error of a helper that could not be run or was killed */
export const run = (
  program: string,
  args: readonly string[],
  { signal, env }: Abortable & { env?: NodeJS.ProcessEnv },
): Promise<RunResult | undefined> =>
  new Promise((resolve, reject) => {
    const options = { signal, timeout: RUN_TIMEOUT_MS, maxBuffer: 2 * 1024 * 1024, ...(env ? { env } : {}) };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve({ code: 0, stdout, stderr });
      if (error.code === 'ENOENT') return resolve(undefined);
      if (typeof error.code === 'number') return resolve({ code: error.code, stdout, stderr });
      reject(error);
    });
  });
