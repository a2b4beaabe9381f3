// pnpm fuzz [minutes]: looks for what breaks a property, on fresh seeds. Exit code 1 when something was found.
import { ROOT } from './bootstrap/program.mjs';
import { runStep, say } from './bootstrap/step.mjs';
import { fuzz } from './fuzz/fuzz.mjs';

const DEFAULT_MINUTES = 5;

const minutes = Number(process.argv[2] ?? DEFAULT_MINUTES);
if (!(minutes > 0)) {
  say('pnpm fuzz [minutes]: how long to look, 5 minutes if nothing is said; more than 0.');
  process.exit(2);
}
await runStep('Building what the properties of programs run', {
  command: 'turbo',
  args: ['run', 'build'],
  cwd: ROOT,
  env: process.env,
});
const { finds, turns } = await fuzz({
  root: ROOT,
  forMs: minutes * 60_000,
  write: (text) => process.stdout.write(text),
});
process.stdout.write(`${turns} turns, ${finds} found\n`);
process.exitCode = finds > 0 ? 1 : 0;
