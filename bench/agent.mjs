import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { round } from './stats.mjs';
import { formatTable } from './table.mjs';

const PROGRAM = fileURLToPath(new URL('../packages/e2e/src/bench/agent-load.ts', import.meta.url));
/** Longest that it may take, in milliseconds; it takes three minutes where this was written. */
const TIMEOUT_MS = 600_000;

/** What the agent costs: rows of `name`, `unit`, `value` and, where there is one, `aim` and whether it is met. */
export async function agentRows() {
  process.stderr.write('\r\x1b[Kthe agent under load');
  const argv = ['--conditions=ouro-source', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: TIMEOUT_MS });
  process.stderr.write('\r\x1b[K');
  return JSON.parse(stdout).map(({ value, aim, ...row }) => ({
    ...row,
    value: round(value),
    ...(aim === undefined ? {} : { aim, met: value >= aim.atLeast }),
  }));
}

/** The rows for a terminal. */
export function formatAgentRows(rows) {
  const cells = rows.map(({ name, unit, value, aim, met }) => [
    `${name} (${unit})`,
    String(value),
    aim === undefined ? '' : `>= ${aim.atLeast} ${met ? 'met' : 'MISSED'}`,
  ]);
  return `\n${formatTable([['the agent', '', 'aim'], ...cells])}\n`;
}
