// The demo of `npm start`: an agent with a throwaway identity on loopback, and a client that connects to it. On a
// terminal it is a shell; otherwise it prints `uname -a`. Runs on the pinned Node, after the build.
import { ROOT } from './bootstrap/program.mjs';
import { say } from './bootstrap/step.mjs';
import { DemoAgent } from './demo/agent.mjs';
import { connect } from './demo/client.mjs';
import { temporaryHome } from './demo/home.mjs';
import { DemoError, signalsOf } from './demo/process.mjs';

async function demo(signal) {
  await using home = await temporaryHome();
  await using agent = await DemoAgent.start(ROOT, home, { signal });
  return await connect(ROOT, agent.address, home.env, { signal });
}

// When its window is closed nobody reads any more; what it has started must be ended all the same.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

using signals = signalsOf(process);
try {
  process.exitCode = await demo(signals.signal);
} catch (error) {
  if (signals.exitCode === undefined && !(error instanceof DemoError)) throw error;
  if (signals.exitCode === undefined) say(`The demo failed: ${error.message}`);
  process.exitCode = signals.exitCode ?? 1;
}
