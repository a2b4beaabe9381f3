// `npm test`: everything that is checked. Its last line counts it. Needs nothing but Node 20 and npm.
import { runOnPinnedNode } from './bootstrap/program.mjs';

const ran = await runOnPinnedNode('scripts/test/main.mjs', process.argv.slice(2));
if (!ran) process.stdout.write('0 passed, 1 failed\n');
