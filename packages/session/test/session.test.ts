import { describe, expect, test } from 'vitest';
import { protocolMismatch, type SessionError } from '../src/index.ts';
import { Collector, Lab, pattern, readAll, signal, text, until } from './lab.ts';

const size = { rows: 24, cols: 80 };

describe('a pane on a pty', () => {
  test('carries input and output, and ends with the exit status', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['bash', '-l'], size, env: { LANG: 'C' } }, { signal });
    expect(pane.id).toBe(1);
    expect(lab.process.request).toEqual({ argv: ['bash', '-l'], size, env: { LANG: 'C' } });
    lab.process.print('hello\r\n');
    await pane.write(new TextEncoder().encode('ls\r'), { signal });
    await until(() => lab.process.inputText === 'ls\r');
    lab.process.print('bye');
    lab.process.exit({ code: 3, signal: null });
    expect(text(await readAll(pane.stdout))).toBe('hello\r\nbye');
    expect(await readAll(pane.stderr)).toHaveLength(0);
    expect(await pane.exited).toEqual({ code: 3, signal: null });
    expect(lab.store.list()).toEqual([]);
  });

  test('is resized, and its size reaches the process', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'], size }, { signal });
    await pane.resize({ rows: 50, cols: 132 }, { signal });
    expect(lab.process.sizes).toEqual([{ rows: 50, cols: 132 }]);
    expect(lab.store.list()[0]?.size).toEqual({ rows: 50, cols: 132 });
  });

  test('starts in the working directory of its parent', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const parent = await session.addPane({ command: ['first'], size }, { signal });
    await session.addPane({ command: ['second'], size, parent: parent.id }, { signal });
    expect(lab.process.request.cwd).toBe('/cwd/of/first');
  });

  test('takes signals', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'], size }, { signal });
    await pane.kill('INT', { signal });
    expect(lab.process.signals).toEqual(['INT']);
    await pane.kill('KILL', { signal });
    expect(await pane.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('a pane on pipes', () => {
  test('keeps standard error apart, byte for byte', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['make'] }, { signal });
    const [out, err] = [readAll(pane.stdout), readAll(pane.stderr)];
    lab.process.print('one');
    lab.process.complain('two');
    lab.process.print('three');
    lab.process.exit();
    expect([text(await out), text(await err)]).toEqual(['onethree', 'two']);
  });

  test('a command without any output ends at once', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['true'] }, { signal });
    lab.process.exit();
    expect(await readAll(pane.stdout)).toHaveLength(0);
    expect(await readAll(pane.stderr)).toHaveLength(0);
    expect(await pane.exited).toEqual({ code: 0, signal: null });
  });

  test('carries megabytes both ways and the end of input after them', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['cat'] }, { signal });
    const data = pattern(5_000_000);
    const all = readAll(pane.stdout);
    await pane.write(data, { signal });
    await pane.end({ signal });
    expect(Buffer.compare(await all, data)).toBe(0);
    expect(lab.process.inputEnds).toBe(1);
    expect(await pane.exited).toEqual({ code: 0, signal: null });
  });

  test('a reader that is slow at first loses nothing and holds the process back', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['yes'] }, { signal });
    const chunks = Array.from({ length: 100 }, (_, n) => pattern(65_536, n * 65_536));
    const flood = lab.process.flood(chunks).then(() => lab.process.exit());
    await until(() => lab.process.paused);
    expect(Buffer.compare(await readAll(pane.stdout), Buffer.concat(chunks))).toBe(0);
    await flood;
  });

  test('without pause on the channel what waits is bounded by its cap only', async () => {
    await using lab = new Lab();
    await using session = await lab.client({ withoutPause: true });
    const pane = await session.addPane({ command: ['yes'] }, { signal });
    const chunks = Array.from({ length: 1100 }, () => new Uint8Array(65_536));
    lab.process.flood(chunks).then(() => lab.process.exit());
    // Nobody reads: 64 MiB wait, then it fails.
    await expect(pane.exited).rejects.toMatchObject({ code: 'lost' });
    await expect(readAll(pane.stdout)).rejects.toMatchObject({ code: 'overflow' });
  });

  test('a process that reads no input pauses the channel of its client', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['sleep'] }, { signal });
    const gate = Promise.withResolvers<void>();
    lab.process.gate = gate.promise;
    let done = false;
    const write = pane.write(new Uint8Array(3_000_000), { signal }).then(() => {
      done = true;
    });
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(done).toBe(false);
    gate.resolve();
    await write;
    await pane.end({ signal });
    await until(() => lab.process.inputEnds === 1);
    expect(lab.process.input.reduce((sum, one) => sum + one.length, 0)).toBe(3_000_000);
  });
});

describe('hello', () => {
  test('both ends learn of each other, without a round trip of its own', async () => {
    await using lab = new Lab();
    const session = await lab.client({ version: '9.9.9' });
    const pane = session.addPane({ command: ['x'] }, { signal });
    expect(await session.remote).toMatchObject({ version: '1.2.3', protocol: 1 });
    await pane;
    expect(lab.hosts[0]?.remote).toMatchObject({ version: '9.9.9', protocol: 1 });
    await session.close();
    await lab.hosts[0]?.closed;
  });

  test('a mismatch of protocols matters, one of versions does not', () => {
    const at = (version: string, protocol: number) => ({ version, protocol });
    expect(protocolMismatch(at('1', 1), at('1', 1))).toBeUndefined();
    expect(protocolMismatch(at('1', 1), at('2', 1))).toMatchObject({ matters: false });
    expect(protocolMismatch(at('1', 1), at('2', 2))).toMatchObject({ matters: true });
    const old = protocolMismatch(at('2', 2), at('1', 1));
    expect(old?.matters).toBe(true);
    expect(old?.line).toMatch(/^[^\n]*update ouro-agent[^\n]*$/);
  });
});

describe('failures', () => {
  test('a command that cannot be started is refused with the reason', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    lab.spawnFails = new Error('ENOENT');
    await expect(session.addPane({ command: ['nope'] }, { signal })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/nope.*ENOENT/),
    });
    lab.spawnFails = undefined;
    await session.addPane({ command: ['yes'] }, { signal });
  });

  test('a lost connection ends everything that waits with lost', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'], size }, { signal });
    const reading = readAll(pane.stdout);
    lab.peers[0]?.[0].close();
    await expect(reading).rejects.toMatchObject({ code: 'lost' });
    await expect(pane.exited).rejects.toMatchObject({ code: 'lost' });
    await expect(pane.write(new Uint8Array(1), { signal })).rejects.toMatchObject({ code: 'lost' });
    await expect(session.mark({ signal })).rejects.toMatchObject({ code: 'lost' });
    await lab.hosts[0]?.closed;
    expect(lab.store.list()).toMatchObject([{ id: 1, clients: 0 }]);
  });

  test('a cancelled addPane rejects with aborted and lets the channel go', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const stop = new AbortController();
    const opening = session.addPane({ command: ['x'] }, { signal: stop.signal });
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'aborted' });
    await until(() => lab.store.list()[0]?.clients === 0);
  });

  test('detach leaves the process alone', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'], size }, { signal });
    await pane.detach();
    await pane.detach();
    await expect(pane.exited).rejects.toMatchObject({ code: 'closed' });
    expect(await readAll(pane.stdout)).toHaveLength(0);
    await until(() => lab.store.list()[0]?.clients === 0);
    expect(lab.process.signals).toEqual([]);
  });

  test('a stream has one reader', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'] }, { signal });
    new Collector(pane.stdout);
    await expect(readAll(pane.stdout)).rejects.toSatisfy((error: SessionError) => error.code === 'busy');
  });
});
