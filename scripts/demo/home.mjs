import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where programs of the house keep their files; none of the user's own is touched. */
const BASES = ['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];

/** Directories for one run, with a config of an agent that listens on loopback on a free port. */
export async function temporaryHome() {
  const path = await mkdtemp(join(tmpdir(), 'ouro-demo-'));
  const bases = Object.fromEntries(BASES.map((base) => [base, join(path, base)]));
  for (const directory of Object.values(bases))
    await mkdir(join(directory, 'ouro'), { recursive: true, mode: 0o700 });
  await writeFile(join(bases.XDG_CONFIG_HOME, 'ouro', 'agent.toml'), config(process.env));
  return {
    env: { ...process.env, ...bases },
    socket: join(bases.XDG_RUNTIME_DIR, 'ouro', 'agent.sock'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The shell gets the user's own directories back; an empty one means the default. */
function config(env) {
  const own = BASES.map((base) => `${base} = ${JSON.stringify(env[base] ?? '')}`);
  return ['[net]', 'http_server = "127.0.0.1:0"', '[env]', ...own, ''].join('\n');
}
