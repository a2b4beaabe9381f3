import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { StepError, say } from './step.mjs';

/** The checkout that these scripts are part of. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Bootstraps, then runs one of the scripts on the pinned Node in the place of this process: same terminal, its exit
 * status as ours.
 * @returns whether it came so far
 * @param {string} script path from the checkout's root
 * @param {string[]} args
 */
export async function runOnPinnedNode(script, args) {
  try {
    const env = await bootstrap(ROOT);
    process.exitCode = await replaceWith('node', [script, ...args], env);
    return true;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(error.message);
    process.exitCode = 1;
    return false;
  }
}

function replaceWith(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    // The terminal sends ctrl-C to both; the child decides what becomes of it.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
