import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeLab, giveKey, hostTaking, Lab, makeLoginKey } from '../src/lab/index.ts';
import { AgentAndClient } from '../src/programs/agent.ts';
import { ENGINES } from '../src/programs/engines.ts';
import { builtOn } from '../src/programs/paths.ts';
import { PtyProgram } from '../src/programs/pty.ts';
import { run } from '../src/programs/run.ts';

/** A busy machine's time for a test. */
const TEST_MS = 60_000;

it('the lowest engine here is the lowest that is claimed', async ({ skip }) => {
  const { engines }: { engines: { node: string } } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  const [lowest] = ENGINES;
  if (lowest.missing !== undefined) skip(lowest.missing);
  const { stdout } = await run([lowest.node, '--version'], { env: {} });
  expect(stdout.toString().trim()).toBe(`v${engines.node.replace('>=', '')}.0`);
});

describe.each(ENGINES)('the built programs on $name', { timeout: TEST_MS }, ({ node, missing }) => {
  it('run a command, and a shell on a terminal', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    await using lab = await AgentAndClient.create({ programs: builtOn(node) });
    const { code, stdout, stderr } = await lab.run(['--', 'sh', '-c', 'cat; exit 7'], 'through both');
    expect(stderr).toBe('');
    expect(stdout.toString()).toBe('through both');
    expect(code).toBe(7);
    await using shell = new PtyProgram(lab.ouro(), lab.client.env);
    await shell.ask('echo it is $((40 + 2))', /it is 42/);
    shell.type('exit 5\r');
    expect(await shell.exited).toMatchObject({ exitCode: 5 });
  });

  it.for([
    { name: 'ouro', words: builtOn(node).ouro },
    { name: 'ouro-agent', words: builtOn(node).agent },
  ])('$name shows its help', async ({ words }, { skip }) => {
    if (missing !== undefined) skip(missing);
    const { code, stdout } = await run([...words, '--help'], { env: {} });
    expect(stdout.toString()).toContain('Usage');
    expect(code).toBe(0);
  });
});

describeLab('the built programs by SSH', [], () => {
  it.for(ENGINES)(
    'on $name log in and move to WebRTC',
    { timeout: TEST_MS },
    async ({ node, missing }, { skip }) => {
      if (missing !== undefined) skip(missing);
      const key = await makeLoginKey();
      await using lab = await Lab.create({
        hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
        links: [{ between: ['laptop', 'box'] }],
      });
      await giveKey(lab, lab.host('laptop'), 'me', key, 'box');
      const { ouro, agent } = builtOn(node);
      const wrapper = `#!/bin/sh\nexec '${agent.join("' '")}' "$@"\n`;
      await lab.host('box').writeHome('ada', '.local/bin/ouro-agent', wrapper, 0o755);
      const command = ['sh', '-c', 'echo "$(id -un) $(env | grep -c ^SSH_CONNECTION=)"; exit 3'];
      const words = [...ouro, 'ada@box', '--', ...command];
      const run = await lab.host('laptop').exec(words, { user: 'me', timeoutMs: 30_000 });
      expect(run).toMatchObject({ code: 3, stdout: 'ada 0\n', stderr: '' });
    },
  );
});
