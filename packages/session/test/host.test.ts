import { describe, expect, test } from 'vitest';
import { HOLD_BACK_BYTES, RING_BYTES, SCROLLBACK_LINES } from '../src/constants.ts';
import { Collector, concat, Lab, pattern, readAll, signal, until } from './lab.ts';

const size = { rows: 24, cols: 80 };
const encode = (value: string) => new TextEncoder().encode(value);

describe('several clients on one pane', () => {
  test('output goes to all, input comes from any', async () => {
    await using lab = new Lab();
    await using one = await lab.client();
    await using two = await lab.client();
    const first = await one.addPane({ command: ['sh'], size }, { signal });
    const second = await two.reconnectPane(first.id, { signal });
    const [left, right] = [new Collector(first.stdout), new Collector(second.stdout)];
    lab.process.print('for both');
    await Promise.all([left.has('for both'), right.has('for both')]);
    await first.write(encode('a'), { signal });
    await second.write(encode('b'), { signal });
    await until(() => lab.process.inputText.length === 2);
    expect(lab.store.list()[0]?.clients).toBe(2);
    lab.process.exit({ code: 5, signal: null });
    expect(await Promise.all([first.exited, second.exited])).toEqual([
      { code: 5, signal: null },
      { code: 5, signal: null },
    ]);
    await Promise.all([left.done, right.done]);
  });

  test('a slow one never stalls the other, and is brought up to date by a snapshot', async () => {
    await using lab = new Lab();
    await using one = await lab.client();
    await using two = await lab.client();
    const quick = await one.addPane({ command: ['sh'], size }, { signal });
    const slow = await two.reconnectPane(quick.id, { signal });
    const all = new Collector(quick.stdout);
    const lines = Array.from({ length: 60 }, (_, n) => encode(`${'x'.repeat(60_000)}\r\nline ${n}\r\n`));
    // Nobody reads `slow`; the flood ends all the same.
    await lab.process.flood(lines);
    lab.process.print('the end');
    await all.has('the end');
    expect(all.bytes.length).toBe(concat(lines).length + 'the end'.length);
    const late = new Collector(slow.stdout);
    await late.has('the end');
    expect(late.bytes.length).toBeLessThan(RING_BYTES + 200_000);
    const snapshot = late.text.slice(late.text.lastIndexOf('\x1b[2J'));
    expect(snapshot).toContain('line 59\r\nthe end');
    lab.process.print(' and on');
    await late.has(' and on');
    expect(late.text.endsWith(' and on')).toBe(true);
  });

  test('a lone slow one holds the process back, and it runs again when that one is gone', async () => {
    await using lab = new Lab();
    const session = await lab.client();
    await session.addPane({ command: ['yes'], size }, { signal });
    const flood = lab.process.flood(Array.from({ length: 80 }, () => pattern(65_536)));
    await until(() => lab.process.paused);
    await session.close();
    await flood;
    expect(lab.store.list()).toMatchObject([{ clients: 0 }]);
  });

  test('on pipes the slowest sets the pace, since each must have every byte', async () => {
    await using lab = new Lab();
    await using one = await lab.client();
    await using two = await lab.client();
    const quick = await one.addPane({ command: ['yes'] }, { signal });
    const slow = await two.reconnectPane(quick.id, { signal });
    const chunks = Array.from({ length: 60 }, (_, n) => pattern(65_536, n * 65_536));
    const all = readAll(quick.stdout);
    const flood = lab.process.flood(chunks).then(() => lab.process.exit());
    await until(() => lab.process.paused);
    const late = readAll(slow.stdout);
    await flood;
    const whole = Buffer.concat(chunks);
    expect(Buffer.compare(await all, whole)).toBe(0);
    expect(Buffer.compare(await late, whole)).toBe(0);
  });

  test('a resize by one is told to the others, once', async () => {
    await using lab = new Lab();
    const seen: unknown[] = [];
    const note = (who: string) => (paneId: number, to: unknown) => seen.push([who, paneId, to]);
    await using one = await lab.client({ onResize: note('one') });
    await using two = await lab.client({ onResize: note('two') });
    const pane = await one.addPane({ command: ['sh'], size }, { signal });
    await two.getPayload({ signal });
    await pane.resize({ rows: 30, cols: 90 }, { signal });
    await pane.resize({ rows: 30, cols: 90 }, { signal });
    await two.getPayload({ signal });
    expect(seen).toEqual([['two', pane.id, { rows: 30, cols: 90 }]]);
  });
});

describe('coming back', () => {
  test('without a mark it is a snapshot of the screen', async () => {
    await using lab = new Lab();
    const first = await lab.client();
    const pane = await first.addPane({ command: ['sh'], size }, { signal });
    const seen = new Collector(pane.stdout);
    lab.process.print('\x1b[31mred\x1b[0m prompt$ ');
    await seen.has('prompt$ ');
    lab.peers[0]?.[0].close();
    await lab.hosts[0]?.closed;

    await using second = await lab.client();
    const back = await second.reconnectPane(pane.id, { signal });
    const now = new Collector(back.stdout);
    await now.has('prompt$');
    expect(now.text).toContain('\x1b[0;31mred');
    expect(now.text).toContain('\x1b[1;13H');
    lab.process.print('live');
    await now.has('live');
  });

  test('with a mark it is the exact rest, then live: no gap, nothing twice', async () => {
    for (const command of [{ command: ['sh'], size }, { command: ['sh'] }]) {
      await using lab = new Lab();
      const first = await lab.client();
      const pane = await first.addPane(command, { signal });
      const before = new Collector(pane.stdout);
      const chunks = Array.from({ length: 60 }, (_, n) => pattern(1000 + n * 7, n * 8000));
      let marker = '';
      let sent = 0;
      const flood = (async () => {
        for (const chunk of chunks) {
          lab.process.print(chunk);
          sent += 1;
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      })();
      await until(() => sent > 20);
      marker = await first.mark({ signal });
      await first.close();
      await flood;

      await using second = await lab.client();
      expect(await second.restore(marker, { signal })).toBe('');
      const back = await second.reconnectPane(pane.id, { signal });
      const after = new Collector(back.stdout);
      lab.process.print('LIVE');
      await after.has('LIVE');
      const whole = Buffer.concat([...chunks, encode('LIVE')]);
      expect(Buffer.compare(concat([before.bytes, after.bytes]), whole)).toBe(0);
    }
  });

  test('attached in the middle of a flood it is exact as well', async () => {
    await using lab = new Lab();
    await using first = await lab.client();
    const pane = await first.addPane({ command: ['sh'] }, { signal });
    const all = new Collector(pane.stdout);
    const marker = await first.mark({ signal });
    const chunks = Array.from({ length: 40 }, (_, n) => pattern(5000, n * 5000));
    const flood = lab.process.flood(chunks);
    const later: Collector[] = [];
    for (let n = 0; n < 5; n += 1) {
      const session = await lab.client();
      await session.restore(marker, { signal });
      later.push(new Collector((await session.reconnectPane(pane.id, { signal })).stdout));
    }
    await flood;
    const whole = Buffer.concat(chunks);
    for (const one of [all, ...later]) {
      await one.until(() => one.bytes.length >= whole.length);
      expect(Buffer.compare(one.bytes, whole)).toBe(0);
    }
  });

  test('a mark older than the ring becomes a snapshot on a pty, and is refused on pipes', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pty = await session.addPane({ command: ['pty'], size }, { signal });
    const ptyProcess = lab.process;
    const pipe = await session.addPane({ command: ['pipe'] }, { signal });
    const pipeProcess = lab.process;
    const marker = await session.mark({ signal });
    const [left, right] = [new Collector(pty.stdout), new Collector(pipe.stdout)];
    const chunks = Array.from({ length: 20 }, () => new Uint8Array(65_536).fill(65));
    await Promise.all([ptyProcess.flood(chunks), pipeProcess.flood(chunks)]);
    await until(() => left.bytes.length === 20 * 65_536 && right.bytes.length === 20 * 65_536);

    await using back = await lab.client();
    await back.restore(marker, { signal });
    const snapshot = new Collector((await back.reconnectPane(pty.id, { signal })).stdout);
    await snapshot.has('AAAA');
    expect(snapshot.text).toContain('\x1b[2J');
    expect(snapshot.bytes.length).toBeLessThan((SCROLLBACK_LINES + 30) * 82 + 1000);
    await expect(back.reconnectPane(pipe.id, { signal })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('no longer kept'),
    });
  });

  test('a marker nobody gave is acked with the payload, and panes come back as snapshots', async () => {
    await using lab = new Lab();
    lab.payload = '{"layout":1}';
    await using session = await lab.client();
    const { id } = await session.addPane({ command: ['sh'], size }, { signal });
    lab.process.print('first words');
    const marker = await session.mark({ signal });
    lab.process.print(' and more');
    await using back = await lab.client();
    // The later one counts, also when it is not known.
    await back.restore(marker, { signal });
    expect(await back.restore('12345', { signal })).toBe('{"layout":1}');
    const seen = new Collector((await back.reconnectPane(id, { signal })).stdout);
    await seen.has('first words and more');
    expect(seen.text).toContain('\x1b[2J');
  });

  test('a pane that came after the mark is replayed from its beginning', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const marker = await session.mark({ signal });
    const pane = await session.addPane({ command: ['sh'], size }, { signal });
    lab.process.print('first words');
    await using back = await lab.client();
    await back.restore(marker, { signal });
    const seen = new Collector((await back.reconnectPane(pane.id, { signal })).stdout);
    await seen.has('words');
    expect(seen.text).toBe('first words');
  });

  test('a pane that has ended is refused, with its exit status', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const pane = await session.addPane({ command: ['x'], size }, { signal });
    lab.process.exit({ code: 9, signal: null });
    await pane.exited;
    await using back = await lab.client();
    await expect(back.reconnectPane(pane.id, { signal })).rejects.toMatchObject({
      code: 'exited',
      exit: { code: 9, signal: null },
    });
    lab.now += 11 * 60_000;
    await expect(back.reconnectPane(pane.id, { signal })).rejects.toMatchObject({ code: 'refused' });
    await expect(back.reconnectPane(777, { signal })).rejects.toMatchObject({ code: 'refused' });
  });

  test('a snapshot taken inside a sequence goes on where the sequence began', async () => {
    await using lab = new Lab();
    await using first = await lab.client();
    const pane = await first.addPane({ command: ['sh'], size }, { signal });
    const live = new Collector(pane.stdout);
    lab.process.print('ab\x1b[3');
    await live.has('\x1b[3');
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    await using second = await lab.client();
    const seen = new Collector((await second.reconnectPane(pane.id, { signal })).stdout);
    await seen.has('\x1b[1;3H');
    lab.process.print('1mred');
    await seen.has('red');
    expect(seen.text.endsWith('\x1b[31mred')).toBe(true);
  });
});

describe('payload and clipboard', () => {
  test('a payload is kept and told to the others', async () => {
    await using lab = new Lab();
    const told: unknown[] = [];
    await using one = await lab.client();
    await using two = await lab.client({ onPayload: (payload) => told.push(payload) });
    await two.getPayload({ signal });
    await one.setPayload({ windows: [1, 'ü'] }, { signal });
    expect(await two.getPayload({ signal })).toBe('{"windows":[1,"ü"]}');
    expect(told).toEqual([{ windows: [1, 'ü'] }]);
  });

  test('the clipboard is the one of the client that was active last', async () => {
    await using lab = new Lab();
    const board = (name: string, log: string[]) => ({
      read: () => `from ${name}`,
      write: (data: string, mimetype: string) => {
        log.push(`${name} ${mimetype} ${data}`);
      },
    });
    const log: string[] = [];
    await expect(lab.store.getClipboard({ signal })).rejects.toMatchObject({ code: 'no-client' });
    await using one = await lab.client({ clipboard: board('one', log) });
    const pane = await one.addPane({ command: ['sh'], size }, { signal });
    await using two = await lab.client({ clipboard: board('two', log) });
    await two.getPayload({ signal });
    expect(await lab.store.getClipboard({ signal })).toBe('from two');
    await pane.write(encode('x'), { signal });
    await until(() => lab.process.inputText === 'x');
    expect(await lab.store.getClipboard({ signal })).toBe('from one');
    await lab.store.setClipboard('data', 'text/plain', { signal });
    expect(log).toEqual(['one text/plain data']);
    await one.close();
    await lab.hosts[0]?.closed;
    expect(await lab.store.getClipboard({ signal })).toBe('from two');
  });

  test('a client without a clipboard says so', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    await session.getPayload({ signal });
    await expect(lab.store.getClipboard({ signal })).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('the life of panes', () => {
  test('panes outlive clients; all output is flushed before the end is told', async () => {
    await using lab = new Lab();
    const session = await lab.client();
    const pane = await session.addPane({ command: ['x'] }, { signal });
    const data = pattern(HOLD_BACK_BYTES);
    lab.process.print(data);
    lab.process.exit({ code: 1, signal: null });
    expect(lab.store.list()).toEqual([]);
    expect(Buffer.compare(await readAll(pane.stdout), data)).toBe(0);
  });

  test('disposing the store hangs up on all processes', async () => {
    const lab = new Lab();
    await using session = await lab.client();
    await session.addPane({ command: ['x'], size }, { signal });
    await lab.store[Symbol.asyncDispose]();
    expect(lab.process.signals).toEqual(['HUP']);
    expect(lab.store.list()).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  test('hundreds of sessions leave no listener, channel or pane behind', async () => {
    await using lab = new Lab();
    const visit = async () => {
      const session = await lab.client();
      const pane = await session.addPane({ command: ['true'] }, { signal });
      expect(await readAll(pane.stdout)).toHaveLength(0);
      await session.close();
    };
    for (let n = 0; n < 25; n += 1) {
      const visits = Promise.all(Array.from({ length: 20 }, visit));
      await until(() => lab.processes.filter((process) => process.started).length === 20 * (n + 1));
      for (const process of lab.processes.slice(-20)) process.exit();
      await visits;
    }
    await Promise.all(lab.hosts.map((host) => host.closed));
    expect(lab.store.list()).toEqual([]);
    const channels = lab.peers.flatMap((ends) => ends.flatMap((peer) => peer.channels));
    expect(channels.length).toBe(500 * 2 * 3);
    await until(() => channels.every((one) => one.readyState === 'closed' && one.listenerCount === 0));
  });
});
