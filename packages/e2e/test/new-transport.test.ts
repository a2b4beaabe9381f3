import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { type App, ChangedApps } from '../src/programs/changed-apps.ts';
import { Program, run } from '../src/programs/run.ts';
import { TemporaryHome } from '../src/programs/temporary-home.ts';

const PACKAGE = fileURLToPath(new URL('../src/test-transport', import.meta.url));
/** The programs run from their sources, and the compiler reads all of them: it takes what the machine takes. */
const TIMEOUT_MS = 180_000;

/** The line of each registry: all that a new transport is to the programs. */
const LINES: Readonly<Record<App, { file: string; above: string; line: string }>> = {
  agent: {
    file: 'src/daemon/transports.ts',
    above: 'export const TRANSPORTS',
    line: "  test: async (host, options) => (await import('@ouro/transport-test/host')).listenTest(host, options),",
  },
  cli: {
    file: 'src/transports/index.ts',
    above: 'export { ssh }',
    line: "export { test } from '@ouro/transport-test/client';",
  },
};
const APPS = ['agent', 'cli'] as const;

/** The next thing that a program says. */
async function nextOf(program: Program): Promise<string> {
  const ended = program.exited.then(([code]) => [`<ended with ${code}: ${program.stderr}>`]);
  const [text] = await Promise.race([once(program.child.stdout, 'data'), ended]);
  return String(text);
}

/** The target of the agent of these programs. */
const targetOf = (both: AgentAndClient): string => `test:${join(both.host.path, 'run', 'ouro-test.sock')}`;

describe('a transport that neither program knew', { timeout: TIMEOUT_MS }, () => {
  let apps: ChangedApps;

  beforeAll(async () => {
    apps = await ChangedApps.create();
    await apps.install('@ouro/transport-test', PACKAGE);
    for (const app of APPS) await apps.addLine(app, LINES[app].file, LINES[app].above, LINES[app].line);
  });
  afterAll(() => apps[Symbol.asyncDispose]());

  test.each(APPS)('is one line in the %s', async (app) => {
    const { file, line } = LINES[app];
    expect(await apps.diff(app)).toEqual([`/${file}: +${line}`]);
  });

  test('fits the types of both', async () => {
    const faults = await Promise.all(APPS.map((app) => apps.typeFaults(app)));
    expect(faults).toEqual(['', '']);
  });

  test('is told of in the help, and where a target is none', async () => {
    const help = await run([...apps.programs.ouro, 'help', 'connect'], { env: {} });
    expect(help.stdout.toString()).toContain('test:/path');
    const none = await run([...apps.programs.ouro, 'tset://x'], { env: {} });
    expect(none.stderr).toContain('test:/path');
  });

  test('comes before the one of names without a mark', async () => {
    await using home = await TemporaryHome.create();
    const { code, stderr } = await run([...apps.programs.ouro, 'test:nowhere', '--', 'true'], {
      env: home.env,
    });
    expect(stderr).toContain('Nothing listens at test:nowhere');
    expect(code).toBe(69);
  });

  test('carries a session', async () => {
    await using both = await AgentAndClient.create({ programs: apps.programs });
    await using client = new Program(
      [
        ...apps.programs.ouro,
        targetOf(both),
        '--',
        'sh',
        '-c',
        'echo hello; read line; echo "$line"; exit 3',
      ],
      { env: both.client.env },
    );
    expect(await nextOf(client)).toBe('hello\n');
    expect(await both.status()).toMatchObject({
      peers: [{ transport: 'test', state: 'connected', label: 'e2e' }],
    });
    client.child.stdin.end('bye\n');
    expect(await nextOf(client)).toBe('bye\n');
    expect(await client.exited).toEqual([3, null]);
  });

  test('refuses a stranger as the others do', async () => {
    await using both = await AgentAndClient.create({ programs: apps.programs, authorized: false });
    const { code, stderr } = await run([...apps.programs.ouro, targetOf(both), '--', 'true'], {
      env: both.client.env,
    });
    expect(stderr).toContain('ouro-agent client add');
    expect(code).toBe(77);
  });
});
