import { describe, expect, test } from 'vitest';
import {
  EXIT_MEMORY_MS,
  MAX_ARGV,
  MAX_ARGV_LENGTH,
  MAX_ATTACHMENTS_PER_CLIENT,
  MAX_CLIENTS_PER_PANE,
  MAX_CLIPBOARD_BYTES,
  MAX_COLS,
  MAX_ENV,
  MAX_ENV_BYTES,
  MAX_EXITS,
  MAX_INPUT_BYTES,
  MAX_MARKS,
  MAX_PANES,
  MAX_PAYLOAD_BYTES,
  MAX_ROWS,
} from '../src/constants.ts';
import { Exits } from '../src/host/exits.ts';
import { Marks } from '../src/host/marks.ts';
import { toArgv, toEnv, toPayload, toSize } from '../src/host/validate.ts';
import { Lab, signal, until } from './lab.ts';

const size = { rows: 24, cols: 80 };
const failing = (code: string) => expect.objectContaining({ name: 'SessionError', code });

describe('at the cap', () => {
  test('panes of an agent', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const add = () => session.addPane({ command: ['x'] }, { signal });
    await Promise.all(Array.from({ length: MAX_PANES }, add));
    await expect(add()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/256 panes/),
    });
    lab.process.exit();
    await add();
  });

  test('clients of a pane', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const { id } = await session.addPane({ command: ['x'], size }, { signal });
    const attach = () => session.reconnectPane(id, { signal });
    const panes = await Promise.all(Array.from({ length: MAX_CLIENTS_PER_PANE - 1 }, attach));
    await expect(attach()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/32 clients/),
    });
    await panes[0]?.detach();
    await until(() => lab.store.list()[0]?.clients === MAX_CLIENTS_PER_PANE - 1);
    await attach();
  });

  test('panes of one client', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const perPane = MAX_CLIENTS_PER_PANE;
    for (let n = 0; n < MAX_ATTACHMENTS_PER_CLIENT / perPane; n += 1) {
      const { id } = await session.addPane({ command: ['x'] }, { signal });
      const attach = () => session.reconnectPane(id, { signal });
      await Promise.all(Array.from({ length: perPane - 1 }, attach));
    }
    const failed = expect.objectContaining({ code: 'refused', message: expect.stringMatching(/512 panes/) });
    await expect(session.addPane({ command: ['x'] }, { signal })).rejects.toEqual(failed);
    await using other = await lab.client();
    await other.addPane({ command: ['x'] }, { signal });
  });

  test('the payload', async () => {
    expect(toPayload('p'.repeat(MAX_PAYLOAD_BYTES - 2))).toHaveLength(MAX_PAYLOAD_BYTES);
    expect(() => toPayload('p'.repeat(MAX_PAYLOAD_BYTES - 1))).toThrow(failing('oversize'));
    await using lab = new Lab();
    await using session = await lab.client();
    const worst = '"'.repeat((MAX_PAYLOAD_BYTES - 2) / 2);
    await session.setPayload(worst, { signal });
    expect(JSON.parse(await session.getPayload({ signal }))).toBe(worst);
  });

  test('the clipboard', async () => {
    await using lab = new Lab();
    const board = { read: () => 'c'.repeat(MAX_CLIPBOARD_BYTES), write: () => {} };
    await using session = await lab.client({ clipboard: board });
    await session.getPayload({ signal });
    const full = await lab.store.getClipboard({ signal });
    expect(full).toHaveLength(MAX_CLIPBOARD_BYTES);
    await lab.store.setClipboard(full, 'text/plain', { signal });
    await expect(lab.store.setClipboard(`${full}c`, 'text/plain', { signal })).rejects.toMatchObject({
      code: 'oversize',
    });
    board.read = () => `${full}c`;
    await expect(lab.store.getClipboard({ signal })).rejects.toMatchObject({ code: 'refused' });
  });

  test('sizes', () => {
    expect(toSize(MAX_ROWS, MAX_COLS)).toEqual({ rows: MAX_ROWS, cols: MAX_COLS });
    expect(toSize(1, 1)).toEqual({ rows: 1, cols: 1 });
    const bad = [
      [0, 80],
      [24, 0],
      [MAX_ROWS + 1, 80],
      [24, MAX_COLS + 1],
      [24, 1e9],
      [-1, 80],
      [1.5, 80],
      [Number.NaN, 80],
    ] as const;
    for (const [rows, cols] of bad) expect(() => toSize(rows, cols)).toThrow(failing('bad-message'));
  });

  test('words and environment', () => {
    expect(toArgv(Array(MAX_ARGV).fill('a'))).toHaveLength(MAX_ARGV);
    expect(() => toArgv(Array(MAX_ARGV + 1).fill('a'))).toThrow(failing('bad-message'));
    expect(toArgv(['a'.repeat(MAX_ARGV_LENGTH)])).toHaveLength(1);
    expect(() => toArgv(['a'.repeat(MAX_ARGV_LENGTH + 1)])).toThrow(failing('bad-message'));
    const env = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`V${n}`, '']));
    expect(Object.keys(toEnv(env(MAX_ENV)))).toHaveLength(MAX_ENV);
    expect(() => toEnv(env(MAX_ENV + 1))).toThrow(failing('bad-message'));
    for (const bad of [{ '': 'x' }, { 'A=B': 'x' }, { A: 'a\0' }, { A: 'é'.repeat(MAX_ENV_BYTES / 2) }]) {
      expect(() => toEnv(bad)).toThrow(failing('bad-message'));
    }
  });

  test('marks: the oldest goes; numbers only rise', () => {
    let now = 5000;
    const marks = new Marks({ now: () => now });
    const mark = { places: new Map(), nextId: 1 };
    const numbers = Array.from({ length: MAX_MARKS + 1 }, () => marks.add(mark));
    expect(numbers.slice(0, 3)).toEqual([5000, 5001, 5002]);
    expect(marks.get(numbers[0] ?? 0)).toBeUndefined();
    expect(marks.get(numbers[1] ?? 0)).toBe(mark);
    now = 0;
    expect(marks.add(mark)).toBe((numbers.at(-1) ?? 0) + 1);
  });

  test('remembered exits: the oldest goes, and each after its time', () => {
    let now = 0;
    const exits = new Exits({ now: () => now });
    const status = { code: 0, signal: null };
    for (let id = 0; id <= MAX_EXITS; id += 1) exits.add(id, status);
    expect(exits.get(0)).toBeUndefined();
    expect(exits.get(1)).toEqual(status);
    now = EXIT_MEMORY_MS;
    expect(exits.get(1)).toBeUndefined();
  });

  test('input that a channel without pause cannot hold back closes the channel', async () => {
    await using lab = new Lab();
    await using session = await lab.client({ withoutPause: true });
    const pane = await session.addPane({ command: ['sleep'], size }, { signal });
    lab.process.gate = new Promise(() => {});
    const write = pane.write(new Uint8Array(MAX_INPUT_BYTES + 1_000_000), { signal });
    await expect(write).rejects.toMatchObject({ code: 'lost' });
    await until(() => lab.store.list()[0]?.clients === 0);
  });
});
