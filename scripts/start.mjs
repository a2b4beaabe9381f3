// `npm start`: the demo, or `npm start -- <target>`: the client. Needs nothing but Node 20 and npm.
import { runOnPinnedNode } from './bootstrap/program.mjs';

const args = process.argv.slice(2);
const isDemo = args.length === 0;
await runOnPinnedNode(isDemo ? 'scripts/demo.mjs' : 'apps/cli/bin/ouro.mjs', args);
