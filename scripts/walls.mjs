// The walls between the packages that Biome does not check: floors and declared dependencies (turbo boundaries), tags,
// that what runs in a browser reaches nothing that does not, and what every published
// package says of itself. `node scripts/walls.mjs [checkout]`
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { browserFaults } from './walls/browser.mjs';
import { manifestFaults } from './walls/manifests.mjs';
import { tagFaults } from './walls/tags.mjs';
import { readWorkspace } from './walls/workspace.mjs';

const root = resolve(process.argv[2] ?? '.');
const workspace = readWorkspace(root);
const faults = [...tagFaults(workspace), ...browserFaults(workspace), ...manifestFaults(workspace, root)];
for (const fault of faults) process.stderr.write(`wall broken: ${fault}\n`);

const turbo = spawnSync('turbo', ['boundaries'], { cwd: root, encoding: 'utf8' });
if (turbo.error !== undefined) throw turbo.error;
if (turbo.status !== 0) process.stderr.write(turbo.stdout + turbo.stderr);
process.exitCode = faults.length === 0 && turbo.status === 0 ? 0 : 1;
