import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 15_000;
/** This checkout. */
const HERE = fileURLToPath(new URL('..', import.meta.url));

/** The built programs of a checkout, each as a word list on this Node. */
const programsOf = (checkout) => ({
  OURO: [process.execPath, join(checkout, 'apps/cli/bin/ouro.mjs')],
  AGENT: [process.execPath, join(checkout, 'apps/agent/bin/ouro-agent.mjs')],
});

function homeOf(folder) {
  return {
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
  };
}

function call([file, ...args], env) {
  return execFileSync(file, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

async function addressOf(env, agent, AGENT) {
  const end = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < end && agent.exitCode === null) {
    try {
      return JSON.parse(call([...AGENT, 'status', '--json'], env)).address;
    } catch {
      await delay(100);
    }
  }
  throw new Error('The throwaway agent does not start');
}

/**
 * An agent with a home of its own on a free loopback port, and the client's command lines for it; of another checkout
 * where one is named.
 */
export async function createOuroSide(temporary, { name = 'ouro', checkout = HERE } = {}) {
  const { OURO, AGENT } = programsOf(checkout);
  const env = homeOf(join(temporary, name));
  await mkdir(join(env.XDG_CONFIG_HOME, 'ouro'), { recursive: true, mode: 0o700 });
  await mkdir(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  await writeFile(join(env.XDG_CONFIG_HOME, 'ouro', 'agent.toml'), '[net]\nhttp_server = "127.0.0.1:0"\n');
  call([...AGENT, 'init'], env);
  call([...AGENT, 'client', 'add', call([...OURO, 'fingerprint'], env), 'bench'], env);
  const [file, ...args] = [...AGENT, 'start', '--foreground'];
  const agent = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const url = await addressOf(env, agent, AGENT);
  return {
    name,
    create: (folder) => createOuroSide(folder, { name, checkout }),
    env,
    hostPid: agent.pid,
    version: [...OURO, '--version'],
    command: (words) => [...OURO, '-T', url, '--', ...words],
    terminal: (words) => [...OURO, url, '--', ...words],
    phases: (words) => [...OURO, '--json', '-T', url, '--', ...words],
    async [Symbol.asyncDispose]() {
      agent.kill('SIGTERM');
      if (agent.exitCode === null) await once(agent, 'exit');
    },
  };
}
