import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { OURO } from '../src/programs/paths.ts';
import { Program, run } from '../src/programs/run.ts';
import { TemporaryHome } from '../src/programs/temporary-home.ts';

/** A busy machine's time for a test. */
const TEST_MS = 30_000;
const BIG = 100 * 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('ouro in pipes', { timeout: TEST_MS }, () => {
  let lab: AgentAndClient;
  beforeAll(async () => {
    lab = await AgentAndClient.create();
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('keeps output and error output apart, and gives the exit code', async () => {
    const result = await lab.run(['--', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(result).toMatchObject({ code: 7, stderr: 'err\n' });
    expect(result.stdout.toString()).toBe('out\n');
  });

  it('gives each word to the command as it is', async () => {
    const words = ['a b', '', '$HOME', "it's", '*', '\\', 'ü'];
    const result = await lab.run(['--', 'printf', '[%s]\\n', ...words]);
    expect(result.stdout.toString()).toBe(words.map((word) => `[${word}]\n`).join(''));
  });

  it('passes the end of the input on', async () => {
    expect((await lab.run(['--', 'wc', '-c'], 'four')).stdout.toString().trim()).toBe('4');
    expect((await lab.run(['-n', '--', 'wc', '-c'])).stdout.toString().trim()).toBe('0');
  });

  it('sends the locale, and no word of a terminal that is none', async () => {
    const ask = 'echo "$LC_TIME $LANG [$COLORTERM]"';
    const env = { ...lab.client.env, LC_TIME: 'de_AT.UTF-8', LANG: 'C.UTF-8', COLORTERM: 'truecolor' };
    const { stdout } = await run(lab.ouro('--', 'sh', '-c', ask), { env });
    expect(stdout.toString()).toBe('de_AT.UTF-8 C.UTF-8 []\n');
  });

  it('without a command runs the login shell on what is piped in', async () => {
    const result = await lab.run([], 'echo it is $((40 + 2)); exit 5\n');
    expect(result.stdout.toString()).toContain('it is 42');
    expect(result.code).toBe(5);
  });

  it('carries 100 MB there and back, byte for byte', async () => {
    const bytes = randomBytes(BIG);
    const { code, stdout } = await lab.run(['--', 'sh', '-c', 'cat; exit 7'], bytes);
    expect(code).toBe(7);
    expect(stdout.length).toBe(BIG);
    expect(sha256(stdout)).toBe(sha256(bytes));
  }, 90_000);

  it('ends when the command ends though the input does not', async () => {
    await using program = new Program(lab.ouro('--', 'true'), { env: lab.client.env });
    program.child.stdout.resume();
    expect(await program.exited).toEqual([0, null]);
  });

  it('ends the far command, and says nothing, when its reader has enough', async () => {
    const shell = `${lab.ouro('--', 'sh', '-c', "'echo $$; exec yes'").join(' ')} | head -1; exit 0`;
    const { stdout, stderr } = await run(['bash', '-c', shell], { env: lab.client.env });
    const pid = Number(stdout.toString());
    expect(stderr).toBe('');
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it('tells of a signal that ended the command', async () => {
    expect((await lab.run(['--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('hands %s on to the command', async (signal, exit) => {
    await using program = new Program(lab.ouro('--', 'sh', '-c', 'echo up; exec sleep 60'), {
      env: lab.client.env,
    });
    await once(program.child.stdout, 'data');
    program.child.kill(signal);
    expect(await program.exited).toEqual([exit, null]);
  });

  it('says of a command that is none what a shell says', async () => {
    const { code, stderr } = await lab.run(['--', '/no/such/program']);
    expect(code).toBe(127);
    expect(stderr).toContain('/no/such/program');
  });

  it('prints the phases as JSON lines', async () => {
    const { stderr } = await lab.run(['--json', '--', 'echo', 'x']);
    const events = stderr
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    for (const phase of ['start', 'gathering', 'signaling', 'ice', 'dtls', 'channel', 'first-byte']) {
      expect(events).toContainEqual(expect.objectContaining({ event: 'phase', phase }));
    }
    expect(events).toContainEqual(expect.objectContaining({ event: 'connected' }));
    expect(events.at(-1)).toEqual({ event: 'exit', code: 0, signal: null });
  });

  it('prints the phases and the path for a person', async () => {
    const { stderr } = await lab.run(['-v', '--', 'echo', 'x']);
    expect(stderr).toMatch(/ICE\s+\d+\.\d ms/);
    expect(stderr).toMatch(
      /connected over udp host (\[::1\]|127\.0\.0\.1):\d+ -> \w+ (\[::1\]|127\.0\.0\.1):\d+/,
    );
  });
});

describe('ouro that cannot connect', { timeout: TEST_MS }, () => {
  it('gives the command that lets it in', async () => {
    await using lab = await AgentAndClient.create({ authorized: false });
    const own = (await run([...OURO, 'fingerprint'], { env: lab.client.env })).stdout.toString().trim();
    const { code, stderr, stdout } = await lab.run(['--', 'echo', 'x']);
    expect(stdout.toString()).toBe('');
    expect(code).toBe(77);
    expect(stderr).toContain(`ouro-agent client add ${own} `);
  });

  it('says that the host has as many connections of this client as it takes', async () => {
    await using lab = await AgentAndClient.create({ config: '[limits]\npeers_per_fingerprint = 1\n' });
    await using first = new Program(lab.ouro('--', 'sh', '-c', 'echo up; cat'), { env: lab.client.env });
    await once(first.child.stdout, 'data');
    const { code, stderr } = await lab.run(['--', 'echo', 'x']);
    expect(code).toBe(75);
    expect(stderr).toContain('This client has 1 connections to the agent, its limit');
    expect(stderr).toContain('limits.peers_per_fingerprint');
  });

  it('says that the agent was stopped', async () => {
    await using lab = await AgentAndClient.create();
    await using client = new Program(lab.ouro('--', 'sh', '-c', 'echo up; cat'), { env: lab.client.env });
    await once(client.child.stdout, 'data');
    lab.process.child.kill('SIGTERM');
    expect(await client.exited).toEqual([69, null]);
    expect(client.stderr).toMatch(/^ouro: The agent on the host was stopped, .*ouro-agent start\.?\n$/);
  });

  it('says that nobody listens', async () => {
    await using home = await TemporaryHome.create();
    const { code, stderr } = await run([...OURO, `http://127.0.0.1:${await closedPort()}`], {
      env: home.env,
    });
    expect(code).toBe(69);
    expect(stderr).toContain('ouro-agent start');
  });

  it('says that the name is not known', async () => {
    await using home = await TemporaryHome.create();
    const { code, stderr } = await run([...OURO, 'http://no-such-host.invalid'], { env: home.env });
    expect(code).toBe(68);
    expect(stderr).toContain('no-such-host.invalid');
  });
});

/** A port of the loopback address that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whether a process of this machine still runs; one that is only waited for does not. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
