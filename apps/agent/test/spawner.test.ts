import { createHash, randomBytes } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { run, spawner } from './support/processes.ts';

const size = { rows: 24, cols: 80 };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a process on a pty', () => {
  test('has the size, the environment and the directory it was asked for', async () => {
    const script = 'stty size; echo "$TERM $WEBEXEC $A $B"; pwd';
    const pane = await run(spawner({ env: { A: 'config', B: 'config' } }), {
      argv: ['sh', '-c', script],
      size: { rows: 31, cols: 97 },
      cwd: '/usr',
      env: { B: 'request' },
    });
    expect(await pane.exited).toEqual({ code: 0, signal: null });
    const [rows, environment, directory] = pane.stdout.toString().split('\r\n');
    expect(rows).toBe('31 97');
    expect(environment).toBe('xterm-256color /run/test/agent.sock config request');
    expect(directory).toBe('/usr');
  });

  test('tells code and signal', async () => {
    const of = spawner();
    const code = await run(of, { argv: ['sh', '-c', 'exit 3'], size });
    const killed = await run(of, { argv: ['sh', '-c', 'kill -9 $$'], size });
    expect(await code.exited).toEqual({ code: 3, signal: null });
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('gives all output before its exit, also to a reader that was paused when it ended', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'stty -opost; seq 1 9000'], size });
    await pane.says('\n100\n');
    pane.process.pause();
    // The terminal holds the program back until the reader goes on; then both end in any order.
    await new Promise((resolve) => setImmediate(resolve));
    pane.process.resume();
    await pane.exited;
    const expected = Array.from({ length: 9000 }, (_, index) => `${index + 1}\n`).join('');
    expect(pane.stdout.toString()).toBe(expected);
  });

  test('keeps the rest for a reader that stays paused after the program is gone', async () => {
    const pane = await run(spawner(), {
      argv: ['sh', '-c', 'stty -opost; echo go; read x; seq 1 500'],
      size,
    });
    await pane.says('go');
    pane.process.pause();
    await pane.process.write(Buffer.from('\n'));
    const { pid } = pane.process;
    await expect
      .poll(
        () =>
          readlink(`/proc/${pid}/cwd`).then(
            () => true,
            () => false,
          ),
        { timeout: 5000 },
      )
      .toBe(false);
    pane.process.resume();
    await pane.exited;
    expect(pane.stdout.toString()).toMatch(/\n500\n$/);
  });

  test('takes a large paste whole, and holds the writer back while the program does not read', async () => {
    const pane = await run(spawner(), {
      argv: ['sh', '-c', 'stty raw -echo; echo go; read x < /dev/null; head -c 1000000 | sha256sum'],
      size,
    });
    await pane.says('go');
    const paste = randomBytes(1_000_000);
    await pane.process.write(paste);
    await pane.exited;
    expect(pane.stdout.toString()).toContain(sha256(paste));
  });

  test('a write to a program that never reads ends with the terminal', async () => {
    const pane = await run(spawner(), {
      argv: ['sh', '-c', 'stty raw -echo; echo go; exec sleep 600'],
      size,
    });
    await pane.says('go');
    const write = pane.process.write(new Uint8Array(1_000_000));
    const rejected = expect(write).rejects.toThrow('closed');
    pane.process.kill('KILL');
    await rejected;
    expect(await pane.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('ends its input with the end-of-file character', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'stty -echo; echo go; cat; exit 5'], size });
    await pane.says('go');
    await pane.process.write(Buffer.from('half a line'));
    pane.process.endInput();
    expect(await pane.exited).toEqual({ code: 5, signal: null });
    expect(pane.stdout.toString()).toContain('half a line');
  });

  test('is resized', async () => {
    const pane = await run(spawner(), {
      argv: ['sh', '-c', 'trap "stty size; exit" WINCH; echo go; while :; do sleep 0.01; done'],
      size,
    });
    await pane.says('go');
    pane.process.resize({ rows: 40, cols: 132 });
    await pane.exited;
    expect(pane.stdout.toString()).toContain('40 132');
  });

  test('signals reach the job in the foreground', async () => {
    const pane = await run(spawner(), {
      argv: ['bash', '--norc', '--noediting', '-i'],
      size,
      env: { PS1: '' },
    });
    await pane.process.write(Buffer.from('sh -c "echo go; exec sleep 600"; echo "ended $?"\n'));
    await pane.says('\ngo');
    pane.process.kill('TERM');
    await pane.says('ended 143');
    pane.process.kill('HUP');
    await pane.exited;
  });

  test('tells the directory it went to', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'cd /usr/bin; echo go; read x'], size });
    await pane.says('go');
    expect(await pane.process.cwd()).toBe('/usr/bin');
    pane.process.kill('KILL');
    await pane.exited;
  });

  test('* is a login shell in the home of the account', async () => {
    const account = { name: 'someone', home: '/usr', shell: '/bin/bash' };
    const pane = await run(spawner({ account }), { argv: ['*'], size });
    await pane.process.write(Buffer.from('shopt -q login_shell && echo "login $HOME $USER $(pwd)"; exit\n'));
    await pane.exited;
    expect(pane.stdout.toString()).toContain('login /usr someone /usr');
  });

  test('holds no descriptor of the agent and of other terminals', async () => {
    const of = spawner();
    const other = await run(of, { argv: ['cat'], size });
    const pane = await run(of, { argv: ['sh', '-c', 'readlink /proc/$$/fd/*'], size });
    const pipes = await run(of, { argv: ['sh', '-c', 'readlink /proc/$$/fd/*'] });
    await Promise.all([pane.exited, pipes.exited]);
    expect(pane.stdout.toString()).not.toContain('ptmx');
    expect(pipes.stdout.toString()).not.toContain('ptmx');
    other.process.kill('HUP');
    expect(await other.exited).toEqual({ code: null, signal: 'SIGHUP' });
  });

  test('64 at once, and one over the cap is refused', async () => {
    const of = spawner();
    const panes = await Promise.all(Array.from({ length: 64 }, () => run(of, { argv: ['cat'], size })));
    await expect(run(of, { argv: ['cat'], size })).rejects.toThrow('its limit');
    for (const { process } of panes) process.kill('KILL');
    await Promise.all(panes.map(({ exited }) => exited));
    const again = await run(of, { argv: ['true'], size });
    await again.exited;
  });
});

describe('a process on pipes', () => {
  test('has separate outputs, code and end of input', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'cat; echo oops >&2; exit 7'] });
    const input = randomBytes(3_000_000);
    await pane.process.write(input);
    pane.process.endInput();
    expect(await pane.exited).toEqual({ code: 7, signal: null });
    expect(sha256(pane.stdout)).toBe(sha256(input));
    expect(pane.stderr.toString()).toBe('oops\n');
  });

  test('is held back by a paused reader', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'echo go; head -c 8000000 /dev/zero'] });
    await pane.says('go');
    pane.process.pause();
    await new Promise((resolve) => setImmediate(resolve));
    const held = pane.stdout.length;
    expect(held).toBeLessThan(8_000_000);
    pane.process.resume();
    await pane.exited;
    expect(pane.stdout.length).toBe(8_000_003);
  });

  test('is killed with all of its group', async () => {
    const pane = await run(spawner(), { argv: ['sh', '-c', 'sleep 600 & echo go; wait'] });
    await pane.says('go');
    pane.process.kill('TERM');
    expect(await pane.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('an unknown command is told in words', async () => {
    await expect(run(spawner(), { argv: ['no-such-program'] })).rejects.toThrow('command not found');
    await expect(run(spawner(), { argv: ['/no/such'], size })).rejects.toThrow('no such program');
  });

  test('starts at home when the directory is gone', async () => {
    const account = { name: 'someone', home: '/usr', shell: '/bin/sh' };
    const pane = await run(spawner({ account }), { argv: ['pwd'], cwd: '/no/such/directory' });
    await pane.exited;
    expect(pane.stdout.toString()).toBe('/usr\n');
  });
});
