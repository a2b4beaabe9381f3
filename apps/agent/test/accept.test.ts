import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { type ByteDuplex, duplexFromStreams } from '@ouro/base/node';
import { Identity } from '@ouro/fingerprint';
import type { Signal, Signaler } from '@ouro/signaling';
import { openClientPipe } from '@ouro/transport-ssh';
import { describe, expect, test } from 'vitest';
import { PtyProcess } from '../src/spawn/pty-process.ts';
import { connectBy, textOf } from './support/agent.ts';
import { type TestProgram, testProgram } from './support/program.ts';

const { signal } = new AbortController();
const remote = { kind: 'none' } as const;
const READY_MS = 20_000;

/** The command on pipes, as a program without a terminal asks for it. */
const onPipes = (program: TestProgram) => {
  const child = program.start('accept');
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited: Promise<[number | null]> = once(child, 'exit').then(([code]) => [code]);
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  return { stream: duplexFromStreams(child.stdout, child.stdin), exited, stderr: () => stderr, child };
};

/** The command on a pty, as a terminal client asks for it. */
const onPty = ({ command: [file, ...args], env, home }: TestProgram) => {
  const process = new PtyProcess(
    { file, args: [...args, 'accept'], env, cwd: home, size: { rows: 24, cols: 80 } },
    () => {},
  );
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const writer = output.writable.getWriter();
  let seen = '';
  const { promise: exited, resolve } = Promise.withResolvers<number | null>();
  process.start({
    stdout: (bytes) => {
      seen += Buffer.from(bytes).toString();
      writer.write(bytes.slice()).catch(() => {});
    },
    stderr: () => {},
    exit: ({ code }) => {
      writer.close().catch(() => {});
      resolve(code);
    },
  });
  const stream: ByteDuplex = {
    readable: output.readable,
    write: (bytes) => process.write(bytes),
    end: async () => process.kill('HUP'),
  };
  return { stream, exited, seen: () => seen };
};

/** The signaler with an offer made large, as one with many media sections is. */
const inflated = (signaler: Signaler, bytes: number): Signaler => ({
  trickle: signaler.trickle,
  remote: signaler.remote,
  send: (sent: Signal, options) =>
    signaler.send(
      sent.type === 'offer'
        ? { ...sent, sdp: `${sent.sdp}${`a=x-pad:${'y'.repeat(90)}\r\n`.repeat(bytes / 100)}` }
        : sent,
      options,
    ),
  close: (reason) => signaler.close(reason),
  [Symbol.asyncIterator]: () => signaler[Symbol.asyncIterator](),
  [Symbol.asyncDispose]: () => signaler.close(),
});

describe('accept', { timeout: 60_000 }, () => {
  test('starts the agent, connects, and ends 0 while the session goes on', async () => {
    await using program = await testProgram();
    const { stream, exited } = onPipes(program);
    const pipe = openClientPipe(stream, { remote, readyTimeoutMs: READY_MS });
    await using client = await connectBy(pipe, await Identity.generate(), { signal });
    expect(await exited).toEqual([0]);
    const pane = await client.session.addPane({ command: ['echo', 'over ssh'] }, { signal });
    expect(await textOf(pane.stdout)).toBe('over ssh\n');
    const status = JSON.parse((await program.run('status', '--json')).stdout);
    expect(status.peers).toMatchObject([{ transport: 'ssh', state: 'connected' }]);
  });

  test('on a pty nothing is echoed, and an offer of 40 KB passes', async () => {
    await using program = await testProgram();
    const { stream, exited, seen } = onPty(program);
    const pipe = openClientPipe(stream, { remote, readyTimeoutMs: READY_MS });
    await using _client = await connectBy(inflated(pipe, 40_000), await Identity.generate(), { signal });
    expect(await exited).toBe(0);
    expect(seen()).toMatch(/^READY\r?\n/);
    expect(seen()).not.toContain('"offer"');
  });

  test('two at once start one agent', async () => {
    await using program = await testProgram();
    const dial = async () => {
      const { stream } = onPipes(program);
      return connectBy(
        openClientPipe(stream, { remote, readyTimeoutMs: READY_MS }),
        await Identity.generate(),
        { signal },
      );
    };
    const clients = await Promise.all([dial(), dial()]);
    const status = JSON.parse((await program.run('status', '--json')).stdout);
    expect(status.peers).toHaveLength(2);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test('a client that goes before it said anything makes it end, not 0, with one line', async () => {
    await using program = await testProgram();
    const { exited, stderr, child } = onPipes(program);
    await once(child.stdout ?? child, 'data');
    child.stdin?.end();
    expect((await exited)[0]).not.toBe(0);
    expect(stderr().trim().split('\n')).toHaveLength(1);
  });

  test('one connection too many is told by its code and the limit', async () => {
    await using program = await testProgram();
    await appendFile(program.paths.config, '[limits]\npeers_per_fingerprint = 1\n');
    const identity = await Identity.generate();
    const dial = () => {
      const { stream, exited, stderr } = onPipes(program);
      const pipe = openClientPipe(stream, { remote, readyTimeoutMs: READY_MS });
      return { client: connectBy(pipe, identity, { signal }), exited, stderr };
    };
    await using _first = await dial().client;
    const second = dial();
    await expect(second.client).rejects.toThrow();
    expect(await second.exited).toEqual([75]);
    expect(second.stderr()).toMatch(
      /^ouro-agent: \[too-many\] This client has 1 connections to the agent, its limit; .*\n$/,
    );
  });

  test('rubbish makes it end with one line', async () => {
    await using program = await testProgram();
    const { exited, stderr, child } = onPipes(program);
    await once(child.stdout ?? child, 'data');
    child.stdin?.write('{"type":"offer","sdp":"v=0"}\n');
    expect(await exited).toEqual([76]);
    expect(stderr().trim().split('\n')).toHaveLength(1);
  });
});
