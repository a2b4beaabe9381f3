import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { collect, DemoError, outputOf, start } from './process.mjs';

/** How long the agent may take to listen, in ms; it takes half a second on a small machine. */
const START_LIMIT_MS = 20_000;

/** Pause between two looks for its socket, in ms. */
const POLL_MS = 20;

/** How long it may take to stop, in ms, before it is killed: longer than its own limit. */
const STOP_LIMIT_MS = 10_000;

/** An agent for one run, with this machine's own client let in. */
export class DemoAgent {
  /** The URL of its endpoint. */
  address;
  #child;
  #ended;

  constructor(program, address) {
    this.address = address;
    this.#child = program.child;
    this.#ended = program.ended;
  }

  /** @throws DemoError */
  static async start(root, home, { signal }) {
    const agent = join(root, 'apps/agent/bin/ouro-agent.mjs');
    const client = join(root, 'apps/cli/bin/ouro.mjs');
    const options = { env: home.env, signal };
    const fingerprint = await outputOf(client, ['fingerprint'], options);
    await outputOf(agent, ['client', 'add', fingerprint, 'demo'], options);
    const program = start(agent, ['start', '--foreground'], {
      env: home.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new DemoAgent(program, '');
    try {
      await untilListening(program, home.socket, signal);
      const { address } = JSON.parse(await outputOf(agent, ['status', '--json'], options));
      started.address = address;
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose]() {
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(limit);
  }
}

async function untilListening({ child }, socket, signal) {
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const deadline = performance.now() + START_LIMIT_MS;
  while (!existsSync(socket)) {
    if (signal.aborted) throw new DemoError('it was interrupted');
    if (child.exitCode !== null)
      throw new DemoError(`the agent ended at once: ${errors().trim() || output().trim()}`);
    if (performance.now() > deadline) throw new DemoError('the agent did not listen in time');
    await delay(POLL_MS);
  }
}
