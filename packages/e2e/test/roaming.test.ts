import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeLab, ENDPOINT, Pty, RoamingLab, until } from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 40_000 });

/** Lines, some at a time, so that the last comes seconds after the first. */
const COUNT = 200_000;
const LINES = `seq 1 ${COUNT} | awk '{ print; if (NR % 2000 == 0) { fflush(); system("sleep 0.03") } }'`;

describeLab('a client that moves to another address', [], () => {
  let roaming: RoamingLab;
  beforeAll(async () => {
    roaming = await RoamingLab.create();
  });
  afterAll(() => roaming[Symbol.asyncDispose]());

  const lines = (text: string): number => text.split('\n').length - 1;

  it.for([['in the middle of output'], ['and once more'], ['and again']])(
    'loses no line and doubles none, %s',
    async () => {
      const { laptop } = roaming;
      await using client = laptop.spawn(['ouro', '-v', ENDPOINT, '--', 'sh', '-c', LINES], { user: 'me' });
      let stdout = '';
      let stderr = '';
      client.child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      client.child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      for (const share of [0.2, 0.5]) {
        await until(() => lines(stdout) > share * COUNT, {
          timeoutMs: 30_000,
          what: () => client.output.slice(-500),
        });
        await roaming.move();
      }
      const exit = await client.exited;
      const expected = Array.from({ length: COUNT }, (_, i) => `${i + 1}\n`).join('');
      expect(stdout === expected).toBe(true);
      expect({ exit, stderr }).toMatchObject({
        exit: { code: 0 },
        stderr: expect.stringContaining(roaming.address),
      });
    },
  );

  it('has its shell go on, and ~s names the new path', async () => {
    await using shell = Pty.start(roaming.laptop, ['ouro', ENDPOINT], { user: 'me' });
    await shell.shows(/\$ /);
    await roaming.move();
    shell.write('echo "still $((40+2))"\r');
    await shell.shows(/still 42/);
    shell.write('\r~s');
    await shell.shows(
      new RegExp(`path +udp host ${roaming.address.replaceAll('.', '\\.')}:\\d+ -> host 10\\.77\\.0\\.2:`),
    );
    shell.write('exit 7\r');
    expect(await shell.exited).toMatchObject({ code: 7 });
  });

  it('comes back after a cut that is longer than its patience with one path', async () => {
    const { laptop, lab } = roaming;
    await using shell = Pty.start(laptop, ['ouro', ENDPOINT], { user: 'me' });
    await shell.shows(/\$ /);
    const link = lab.link('laptop', 'box');
    await link.cut();
    await shell.shows(/path to 10\.77\.0\.2:7777 lost 1[2-9] s ago/, 30_000);
    await link.restore();
    shell.write('echo "back $((40+2))"\r');
    await shell.shows(/back 42/, 20_000);
    shell.write('exit 7\r');
    expect(await shell.exited).toMatchObject({ code: 7 });
  });

  it('tells status, as text and as JSON', async () => {
    const text = await roaming.laptop.must(['ouro', 'status', ENDPOINT], { user: 'me' });
    expect(text).toMatch(
      /^10\.77\.0\.2:7777, by whip, connected for 1 s\npath +udp host .*\nround trip .* ms now/,
    );
    const json = await roaming.laptop.must(['ouro', 'status', '--json', ENDPOINT], { user: 'me' });
    expect(JSON.parse(json)).toMatchObject({ transport: 'whip', rttMs: expect.any(Number), rttSamples: 20 });
  });

  it('ends with a clear message within 15 s when the agent is killed, or started anew', async () => {
    const { laptop, box } = roaming;
    const kill = () => box.must('pkill -KILL -u ada -f "[o]uro-agent.mjs daemon"');
    for (const startsAgain of [false, true]) {
      // Commands outlive a killed agent: each has a length of its own.
      const seconds = startsAgain ? '61' : '62';
      await using client = laptop.spawn(['ouro', ENDPOINT, '--', 'sleep', seconds], { user: 'me' });
      await until(async () => (await box.exec(`pgrep -u ada -f "[s]leep ${seconds}"`)).code === 0, {
        what: () => `the command: ${client.output}`,
      });
      await kill();
      if (startsAgain) await roaming.startAgent();
      const deadline = AbortSignal.timeout(15_000);
      const late = new Promise<never>((_resolve, reject) => {
        deadline.addEventListener('abort', () => reject(new Error(`It goes on: ${client.output}`)));
      });
      expect(await Promise.race([client.exited, late])).toMatchObject({ code: 69 });
      expect(client.output).toContain('was lost');
      if (!startsAgain) await roaming.startAgent();
    }
  });
});
