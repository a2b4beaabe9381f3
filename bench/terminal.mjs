import { createRequire } from 'node:module';

/** Longest an echo may take, in milliseconds. */
const ECHO_TIMEOUT_MS = 10_000;
const SIZE = { rows: 24, cols: 80 };

/** A program on a local terminal of its own, as a person sits before it. Disposing kills it. */
export function openTerminal([file, ...args], env) {
  // The agent's terminals come from the same library.
  const { spawn } = createRequire(new URL('../apps/agent/package.json', import.meta.url))('@lydell/node-pty');
  const pty = spawn(file, args, { ...SIZE, encoding: null, env: { ...process.env, ...env } });
  let shown = () => undefined;
  pty.onData(() => shown());
  const exited = new Promise((resolve) => pty.onExit(resolve));
  return {
    /** Types, and waits for the next output. */
    type(text) {
      const { promise, resolve, reject } = Promise.withResolvers();
      const late = setTimeout(() => reject(new Error(`${file} shows no echo`)), ECHO_TIMEOUT_MS);
      shown = () => {
        clearTimeout(late);
        resolve();
      };
      pty.write(text);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      pty.kill('SIGKILL');
      await exited;
    },
  };
}
