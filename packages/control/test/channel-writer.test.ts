import { describe, expect, test } from 'vitest';
import { ChannelWriter, MAX_CHUNK_BYTES, MAX_OUTSTANDING_BYTES, MAX_PENDING_WRITES } from '../src/index.ts';
import { FakeChannel, turn } from './fake-channel.ts';

const signal = new AbortController().signal;
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

/** Whether a promise is settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await turn();
  return done;
}

describe('ChannelWriter', () => {
  test('sends small writes at once and resolves', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    await writer.write(bytes(10), { signal });
    expect(channel.sent).toHaveLength(1);
    expect(writer.bytesWritten).toBe(10);
    expect(channel.events.count).toBe(0);
  });

  test('never has more outstanding than the cap, keeps order, resolves when all was taken', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    const data = bytes(500_000);
    const write = writer.write(data, { signal });
    while (!(await settled(write))) channel.drain(10_000);
    expect(channel.highest).toBeLessThanOrEqual(MAX_OUTSTANDING_BYTES);
    expect(Math.max(...channel.sent.map((one) => one.length))).toBe(MAX_CHUNK_BYTES);
    expect(channel.bytes()).toEqual(data);
    expect(MAX_OUTSTANDING_BYTES - channel.bufferedAmount).toBeGreaterThanOrEqual(MAX_CHUNK_BYTES);
  });

  test('waits for a channel that is connecting', async () => {
    const channel = new FakeChannel();
    channel.readyState = 'connecting';
    const write = new ChannelWriter(channel).write(bytes(5), { signal });
    expect(await settled(write)).toBe(false);
    channel.open();
    await write;
    expect(channel.bytes()).toEqual(bytes(5));
  });

  test('writes given without waiting keep their order', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    const writes = Promise.all([3, 4, 5].map((n) => writer.write(new Uint8Array(n).fill(n), { signal })));
    await writes;
    expect([...channel.bytes()]).toEqual([3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5]);
  });

  test('rejects when the channel closes while it waits, and after', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    const write = writer.write(bytes(300_000), { signal });
    await turn();
    channel.close();
    await expect(write).rejects.toMatchObject({ name: 'ControlError', code: 'closed' });
    await expect(writer.write(bytes(1), { signal })).rejects.toMatchObject({ code: 'closed' });
    expect(channel.events.count).toBe(0);
  });

  test('is aborted by its signal, also before it began', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    const stop = new AbortController();
    const write = writer.write(bytes(300_000), { signal: stop.signal });
    await turn();
    stop.abort();
    await expect(write).rejects.toMatchObject({ code: 'aborted' });
    const sent = channel.sent.length;
    await expect(writer.write(bytes(1), { signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(channel.sent).toHaveLength(sent);
    expect(channel.events.count).toBe(0);
  });

  test('refuses more waiting writes than its cap', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel, { maxOutstandingBytes: 1, maxChunkBytes: 1 });
    const writes = Array.from({ length: MAX_PENDING_WRITES }, () => writer.write(bytes(1), { signal }));
    await expect(writer.write(bytes(1), { signal })).rejects.toMatchObject({ code: 'busy' });
    const all = Promise.all(writes);
    while (!(await settled(all))) channel.drain();
    expect(channel.sent).toHaveLength(MAX_PENDING_WRITES);
  });

  test('drained resolves only when nothing is outstanding', async () => {
    const channel = new FakeChannel();
    const writer = new ChannelWriter(channel);
    await writer.write(bytes(100), { signal });
    const drained = writer.drained({ signal });
    expect(await settled(drained)).toBe(false);
    channel.drain(99);
    expect(await settled(drained)).toBe(false);
    channel.drain(1);
    await drained;
  });

  test('copies out of shared memory', async () => {
    const channel = new FakeChannel();
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set([1, 2, 3, 4]);
    await new ChannelWriter(channel).write(shared, { signal });
    expect([...channel.bytes()]).toEqual([1, 2, 3, 4]);
  });
});
