import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../bootstrap/step.mjs';

/** After this a suite hangs, in ms: twice what it takes on two quiet cores; both together stay under 40 minutes. */
const SUITE_LIMIT_MS = 18 * 60_000;

/** The lab's tests come after the others, by themselves: they use the whole machine. */
export const SUITES = [
  { name: 'unit tests', args: ['--project', '!e2e'] },
  { name: 'lab tests', args: ['--project', 'e2e', '--passWithNoTests'] },
];

/** Runs the tests of some projects and counts them. */
export async function runSuite({ name, args, quiet = false }, cwd) {
  const directory = mkdtempSync(join(tmpdir(), 'ouro-test-'));
  const summaryFile = join(directory, 'summary.json');
  try {
    const reporters = ['--reporter=default', '--reporter=./scripts/test/summary-reporter.mjs'];
    const env = { ...process.env, OURO_TEST_SUMMARY: summaryFile };
    const isGood = await vitest(['run', ...reporters, ...args], {
      cwd,
      env,
      stdio: ['ignore', quiet ? 'ignore' : 'inherit', quiet ? 'ignore' : 'inherit'],
    });
    const summary = read(summaryFile);
    if (summary === undefined) say(`${name}: vitest ended without a summary`);
    if (summary === undefined || (!isGood && summary.failed === 0)) return { ...summary, failed: 1 };
    return summary;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function vitest(args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn('vitest', args, options);
    const limit = setTimeout(() => {
      say(`vitest did not end in ${SUITE_LIMIT_MS / 60_000} minutes`);
      child.kill('SIGKILL');
    }, SUITE_LIMIT_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
