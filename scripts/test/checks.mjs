import { runStep, StepError, say } from '../bootstrap/step.mjs';

/** What is checked beside the tests; each counts as one. */
export const CHECKS = [
  { name: 'build', command: 'turbo', args: ['run', 'build'] },
  { name: 'format and lint', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'walls', command: 'node', args: ['scripts/walls.mjs'] },
  { name: 'unused code', command: 'knip', args: [] },
  { name: 'types', command: 'turbo', args: ['run', 'typecheck'] },
];

/** Runs one; its output is shown when it fails. */
export async function runCheck({ name, command, args }, cwd) {
  try {
    await runStep(`Checking ${name}`, { command, args, cwd, env: process.env });
    return { passed: 1 };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(error.message);
    return { failed: 1 };
  }
}
