import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readLock } from '../src/daemon/lock.ts';
import { type TestProgram, testProgram } from './support/program.ts';

const TIMEOUT = 30_000;
const FP = 'AB'.repeat(32);

const status = async (program: TestProgram): Promise<Record<string, unknown>> =>
  JSON.parse((await program.run('status', '--json')).stdout);

describe('the program', { timeout: TIMEOUT }, () => {
  test('starts, tells its state, and stops', async () => {
    await using program = await testProgram();
    const started = await program.run('start');
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(started.stdout).toMatch(/listening on http:\/\/127\.0\.0\.1:\d+/);
    expect(await status(program)).toMatchObject({ running: true, peers: [], panes: [] });
    expect(await program.run('start')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('runs already'),
    });
    const people = await program.run('status');
    expect(people.stdout).toMatch(/fingerprint +[0-9A-F]{64}/);
    for (const path of [
      program.paths.socket,
      program.paths.pidFile,
      program.paths.log,
      program.paths.identity,
    ]) {
      expect((await stat(path)).mode & 0o077).toBe(0);
    }
    expect(await program.run('stop')).toMatchObject({ code: 0 });
    expect(await program.run('status', '--json')).toMatchObject({ code: 69, stdout: '{"running":false}\n' });
    expect(await program.run('stop')).toMatchObject({ code: 0, stdout: 'No agent runs\n' });
    expect(await readFile(program.paths.crashLog, 'utf8')).toBe('');
  });

  test('of two starts at once one is the agent, and both say so', async () => {
    await using program = await testProgram();
    const outcomes = await Promise.all([program.run('start'), program.run('start'), program.run('start')]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    const texts = outcomes.map(({ stdout }) => (stdout.includes('is ready') ? 'ready' : 'already')).sort();
    expect(texts).toEqual(['already', 'already', 'ready']);
  });

  test('starts again after it was killed', async () => {
    await using program = await testProgram();
    await program.run('start');
    const before = await status(program);
    process.kill(Number(before.pid), 'SIGKILL');
    const isGone = async () => (await program.run('status')).code;
    await expect.poll(isGone, { timeout: TIMEOUT }).toBe(69);
    expect(await program.run('start')).toMatchObject({ code: 0 });
    const after = await status(program);
    expect(after.fingerprint).toBe(before.fingerprint);
    expect(after.pid).not.toBe(before.pid);
    expect(await readFile(program.paths.log, 'utf8')).toContain('died without a word');
  });

  test('an agent that hangs is told of, and ended by force', async () => {
    await using program = await testProgram();
    await program.run('start');
    const { pid } = (await readLock(program.paths.pidFile)) ?? { pid: 0 };
    process.kill(pid, 'SIGSTOP');
    const asked = await program.run('status');
    expect(asked.code).toBe(75);
    expect(asked.stderr).toContain('has not answered for 3 s');
    expect(await program.run('stop', '--force')).toMatchObject({ code: 0 });
    expect(await program.run('status')).toMatchObject({ code: 69 });
  });

  test('in the foreground it prints one line, and ends 0 on SIGTERM', async () => {
    await using program = await testProgram();
    const child = program.start('start', '--foreground');
    const ended = once(child, 'exit').then(() => 'it ended');
    const [line] = await Promise.race([once(child.stdout ?? child, 'data'), ended]);
    expect(`${line}`).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(stat(program.paths.socket)).rejects.toThrow('ENOENT');
    await expect(stat(program.paths.pidFile)).rejects.toThrow('ENOENT');
  });

  test('a port that is taken, and a wrong config, are told by start', async () => {
    await using program = await testProgram();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await writeFile(program.paths.config, `[net]\nhttp_server = "127.0.0.1:${port}"\n`);
    const taken = await program.run('start');
    expect(taken.code).toBe(69);
    expect(taken.stderr).toContain('Another program listens on');
    server.close();
    await writeFile(program.paths.config, '[net]\nhttp_server = 3\n');
    const wrong = await program.run('start');
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain('agent.toml:2: net.http_server must be an address in quotes');
    expect((await program.run('start', '--foreground')).code).toBe(78);
    await writeFile(
      program.paths.config,
      '[net]\nhttp_server = "127.0.0.1:0"\n[timeouts]\nkeep_alive = 2000\n',
    );
    const idle = await program.run('start');
    expect(idle).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^warning: .*:4: timeouts.keep_alive has no effect.*\n$/),
    });
    expect(await readFile(program.paths.log, 'utf8')).toContain('timeouts.keep_alive has no effect');
  });

  test('clients are added, listed and removed', async () => {
    await using program = await testProgram();
    expect(await program.run('client', 'add', FP, 'my', 'phone')).toMatchObject({ code: 0 });
    expect((await program.run('client', 'list')).stdout).toBe(`${FP}  my phone\n`);
    expect(JSON.parse((await program.run('client', 'list', '--json')).stdout)).toEqual([
      { fingerprint: FP, label: 'my phone' },
    ]);
    expect(await program.run('client', 'remove', 'my phone')).toMatchObject({ code: 0 });
    expect(await program.run('client', 'remove', FP)).toMatchObject({ code: 65 });
    expect((await program.run('client', 'add', 'rubbish')).code).not.toBe(0);
  });

  test('clients are added as webexec’s users do: one quoted argument, several fingerprints', async () => {
    await using program = await testProgram();
    const [one = '', two = '', three = ''] = ['1A', '2B', '3C'].map((byte) => byte.repeat(32));
    expect(await program.run('client', 'add', `${one} Linux_Chrome_terminal7`)).toMatchObject({
      code: 0,
      stdout: 'The client may connect now\n',
    });
    expect(await program.run('client', 'add', one, two, three.toLowerCase(), 'my', 'phone')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1A1A\S+ could connect already\n2B2B\S+ may .*\n3C3C\S+ may .*\n$/),
    });
    expect((await program.run('client', 'list')).stdout).toBe(
      `${one}  Linux_Chrome_terminal7\n${two}\n${three}  my phone\n`,
    );
    const unnamed = await program.run('client', 'add', 'label', two);
    expect(unnamed.stderr).toContain('not a SHA-256 certificate fingerprint');
  });

  test('misuse, help and version', async () => {
    await using program = await testProgram();
    expect(await program.run('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ouro-agent \d/),
    });
    expect((await program.run('--help')).stdout).toContain('exit codes'.replace('e', 'E'));
    expect(await program.run('no-such-command')).toMatchObject({ code: 64 });
    expect(await program.run('daemon')).toMatchObject({ code: 64 });
    expect(await program.run('paste')).toMatchObject({ code: 69 });
    expect((await program.run('service')).stdout).toMatch(
      /^\[Unit\]\n[\s\S]*ExecStart=.*main\.ts start --foreground\n/,
    );
    const init = await program.run('init');
    expect(init.stdout).toMatch(/^fingerprint {2}[0-9A-F]{64}\n/);
  });
});
