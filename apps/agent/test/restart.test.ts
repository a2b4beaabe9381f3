import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Identity } from '@ouro/fingerprint';
import { dialWhip } from '@ouro/transport-whip/client';
import { expect, test } from 'vitest';
import { connectBy } from './support/agent.ts';
import { type TestProgram, testProgram } from './support/program.ts';

const TIMEOUT = 30_000;
const { signal } = new AbortController();

const status = async (program: TestProgram): Promise<Record<string, unknown>> =>
  JSON.parse((await program.run('status', '--json')).stdout);

test('a restart that is run in a pane of the agent comes back', { timeout: 2 * TIMEOUT }, async () => {
  await using program = await testProgram();
  const friend = await Identity.generate();
  await program.run('client', 'add', friend.fingerprint.compact);
  await program.run('start');
  const before = await status(program);
  await using client = await connectBy(await dialWhip({ url: `${before.address}` }, { signal }), friend, {
    signal,
  });
  const size = { rows: 24, cols: 80 };
  const pane = await client.session.addPane({ command: ['sh'], size }, { signal });
  const words = [...program.command, 'restart'].map((word) => `'${word}'`).join(' ');
  await pane.write(Buffer.from(`${words}\r`), { signal });
  const pidOf = async () => (await status(program)).pid ?? before.pid;
  await expect.poll(pidOf, { timeout: TIMEOUT }).not.toBe(before.pid);
  expect(await status(program)).toMatchObject({ running: true, panes: [] });
});

test('outside of one it says what it did, and a wrong config stops nothing', {
  timeout: TIMEOUT,
}, async () => {
  await using program = await testProgram();
  const started = await program.run('restart');
  expect(started).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('is ready (pid') });
  const before = await status(program);
  expect(await program.run('restart')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is ready'),
  });
  const after = await status(program);
  expect(after.pid).not.toBe(before.pid);
  await writeFile(program.paths.config, '[net]\nice_port = "abc"\n');
  expect(await program.run('restart')).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('net.ice_port must be a port'),
  });
  expect((await status(program)).pid).toBe(after.pid);
});

test('where a service manager runs the agent, that starts it again, even from within a pane', {
  timeout: 2 * TIMEOUT,
}, async () => {
  await using program = await testProgram();
  const unit = (await program.run('service')).stdout;
  const status75 = /^RestartForceExitStatus=(\d+)$/m.exec(unit)?.[1];
  const asUnit = () => program.startWith({ INVOCATION_ID: '0123456789abcdef' }, 'start', '--foreground');
  const first = asUnit();
  const listens = async () => (await status(program)).running;
  await expect.poll(listens, { timeout: TIMEOUT }).toBe(true);
  const restarting = program.run('restart');
  const [code] = await once(first, 'exit');
  expect(String(code)).toBe(status75);
  const second = asUnit();
  expect(await restarting).toMatchObject({ code: 0, stdout: expect.stringContaining(`(pid ${second.pid})`) });
  const ended = once(second, 'exit');
  await program.run('stop');
  expect(await ended).toEqual([0, null]);
});
