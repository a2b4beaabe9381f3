import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { seedOf } from './report.mjs';

/** A test has several properties, and what shrinks takes its time, in ms. */
const TEST_LIMIT_MS = 120_000;
/** What vitest has to end by itself, in ms. */
const GRACE_MS = 3000;

const REPORTER = fileURLToPath(new URL('finds-reporter.mjs', import.meta.url));

/** @typedef {{ id: string, file: string, test: string, message: string }} Find */

/**
 * Runs the property tests of one package, each property on fresh seeds for a while.
 *
 * @param {{ folder: string, files: string[] }} target
 * @param {{ root: string, propertyMs: number, end: AbortSignal }} options
 * @returns {Promise<Find[]>} What failed; nothing of what the end of the time cut off.
 */
export async function takeTurn({ folder, files }, { root, propertyMs, end }) {
  const args = ['run', `--reporter=${REPORTER}`, '--silent', `--testTimeout=${TEST_LIMIT_MS}`, ...files];
  const env = { ...process.env, OURO_PROPERTY_FUZZ_MS: String(propertyMs) };
  const vitest = spawn('vitest', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => {
    vitest.kill();
    setTimeout(() => vitest.kill('SIGKILL'), GRACE_MS).unref();
  };
  end.addEventListener('abort', stop);
  const [code, stdout, stderr] = await Promise.all([
    exitCode(vitest),
    text(vitest.stdout),
    text(vitest.stderr),
  ]);
  end.removeEventListener('abort', stop);
  const finds = parse(stdout);
  // What the end cut off fails too, but no property says so.
  if (end.aborted) return finds.filter(({ message }) => seedOf(message) !== undefined);
  if (finds.length > 0 || code === 0) return finds;
  return [{ id: folder, file: folder, test: '', message: `vitest did not run:\n${stderr || stdout}` }];
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** One find a line, among whatever else vitest says; the last line may be cut off. */
function parse(stdout) {
  return stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{"id":'))
    .map((line) => JSON.parse(line));
}
