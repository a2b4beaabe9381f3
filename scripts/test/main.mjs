// Runs on the pinned Node, after the bootstrap.
import { ROOT } from '../bootstrap/program.mjs';
import { say } from '../bootstrap/step.mjs';
import { CHECKS, runCheck } from './checks.mjs';
import { missingLabPrograms } from './lab-programs.mjs';
import { runSuite, SUITES } from './suites.mjs';
import { add, NOTHING, verdict } from './tally.mjs';

const isStrict = process.env.CI === 'true';

let tally = NOTHING;
const missing = await missingLabPrograms();
if (missing.length > 0) {
  say(
    `The lab lacks ${missing.join(', ')}; tests that need them are skipped. As root, npm test installs them on Debian.`,
  );
  if (isStrict) tally = add(tally, { failed: 1 });
}
for (const check of CHECKS) tally = add(tally, await runCheck(check, ROOT));
for (const suite of SUITES) tally = add(tally, await runSuite(suite, ROOT));

for (const { name, reason } of tally.skipped) say(`skipped: ${name}${reason ? ` (${reason})` : ''}`);
const { line, isFailure } = verdict(tally, isStrict);
process.exitCode = isFailure ? 1 : 0;
process.stdout.write(`${line}\n`);
