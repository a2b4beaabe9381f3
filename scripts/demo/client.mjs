import { join } from 'node:path';
import { start } from './process.mjs';
import { Report } from './report.mjs';

/**
 * Runs the client against an address: a shell on a terminal, else `uname -a`.
 * @returns its exit code
 */
export async function connect(root, address, env, { signal }) {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const command = isTerminal ? [] : ['--', 'uname', '-a'];
  const { child, ended } = start(
    join(root, 'apps/cli/bin/ouro.mjs'),
    ['connect', '--json', address, ...command],
    {
      env,
      stdio: [isTerminal ? 'inherit' : 'ignore', 'inherit', 'pipe'],
    },
  );
  const report = new Report(isTerminal, (text) => process.stderr.write(text));
  child.stderr.on('data', (chunk) => report.take(chunk));
  const kill = () => child.kill('SIGTERM');
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const code = await ended;
  signal.removeEventListener('abort', kill);
  return code;
}
