// Brings the pinned Node and pnpm, installs and builds. Needs nothing but Node 20 and npm.
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { ROOT } from './bootstrap/program.mjs';
import { StepError, say } from './bootstrap/step.mjs';

try {
  await bootstrap(ROOT);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
