import { spawn } from 'node:child_process';

/** How often a long step says that it still runs, in ms. */
const HEARTBEAT_MS = 15_000;

/** How much of a failed program's output is shown, in lines: what it says last is why it failed. */
const SHOWN_LINES = 200;

/** A failure whose message is for the person at the terminal: what happened, why, what to do. */
export class StepError extends Error {
  name = 'StepError';
}

/**
 * Runs a program to its end, quietly; its output is shown only when it fails.
 * @param {string} title what the person reads while it runs
 * @param {{ command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv }} program
 */
export async function runStep(title, program) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  say(`${title} …`);
  const heartbeat = setInterval(() => say(`${title} … (${seconds()})`), HEARTBEAT_MS);
  try {
    const { code, output } = await run(program);
    if (code !== 0) throw new StepError(explain(title, output));
  } finally {
    clearInterval(heartbeat);
  }
  say(`${title}: done in ${seconds()}`);
}

/** One line to the person, apart from the program's own output. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

function run({ command, args, cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-64 * 1024);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => reject(new StepError(cannotRun(command, error))));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function cannotRun(command, error) {
  if (error.code !== 'ENOENT') return `${command} cannot be run (${error.code}).`;
  const hint =
    command === 'npm' ? ' It comes with Node.js; some systems have it in a package of its own.' : '';
  return `${command} was not found on the PATH.${hint} Install it and try again.`;
}

/** The known reasons, in the order in which they are looked for. */
const REASONS = [
  [/ENOSPC|no space left/i, 'The disk is full. Free about 1 GB and try again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network|dns error|error sending request/i,
    'The package registry cannot be reached. Check the network and npm\'s "registry" and "proxy" settings, then try again.',
  ],
  [/E401|E403|ERR_PNPM_FETCH_40[13]/, "The package registry refused access. Check npm's settings for it."],
  [
    /EACCES|EPERM|permission denied/i,
    'A file or directory cannot be written. Check who owns this checkout and your home.',
  ],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    'pnpm-lock.yaml does not fit the package.json files. Run `pnpm install` and commit it.',
  ],
];

function explain(title, output) {
  const reason = REASONS.find(([pattern]) => pattern.test(output))?.[1] ?? 'Its output is above.';
  const tail = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  return `${tail}\n\n${title}: failed. ${reason}`;
}
