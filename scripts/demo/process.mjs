import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A failure whose message is for the person at the terminal. */
export class DemoError extends Error {
  name = 'DemoError';
}

/** What ends the demo from outside, as one AbortSignal and the exit code that belongs to it. */
export function signalsOf(target) {
  const controller = new AbortController();
  const result = { signal: controller.signal, exitCode: undefined, [Symbol.dispose]: undefined };
  const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => {
    const listener = () => {
      result.exitCode ??= 128 + constants.signals[name];
      controller.abort();
    };
    target.on(name, listener);
    return () => target.off(name, listener);
  });
  result[Symbol.dispose] = () => {
    for (const remove of listeners) remove();
  };
  return result;
}

/** Starts a Node program of the house. */
export function start(script, args, { env, stdio }) {
  const child = spawn(process.execPath, [script, ...args], { env, stdio });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  return { child, ended };
}

/** The output of a short one. @throws DemoError with what it said when it failed */
export async function outputOf(script, args, { env, signal }) {
  const { child, ended } = start(script, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    if ((await ended) !== 0) throw new DemoError(`${args.join(' ')}: ${errors().trim()}`);
    return output().trim();
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Gathers a stream's text, the last 64 KiB of it. */
export function collect(stream) {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    text = (text + chunk).slice(-64 * 1024);
  });
  return () => text;
}
