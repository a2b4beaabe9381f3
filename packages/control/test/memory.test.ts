import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChannelWriter } from '../src/index.ts';
import { channelPair, type MemoryChannel, peerPair } from '../src/memory/index.ts';

const signal = new AbortController().signal;
const event = (channel: MemoryChannel, type: 'open' | 'close') =>
  new Promise<void>((resolve) => channel.addEventListener(type, () => resolve(), { once: true }));

function collect(channel: MemoryChannel): Uint8Array[] {
  const got: Uint8Array[] = [];
  channel.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) got.push(new Uint8Array(data));
  });
  return got;
}

describe('channelPair', () => {
  test('carries messages whole, in order, both ways', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (messages) => {
        const [near, far] = channelPair();
        const [atNear, atFar] = [collect(near), collect(far)];
        await event(far, 'open');
        for (const message of messages) {
          near.send(new Uint8Array(message));
          far.send(new Uint8Array(message));
        }
        near.close();
        await event(near, 'close');
        expect(atFar).toEqual(messages);
        expect(atNear.length).toBeLessThanOrEqual(messages.length);
      }),
      { numRuns: 50 },
    );
  });

  test('a paused end closes its window: the writer waits, and goes on after resume', async () => {
    const [near, far] = channelPair('x', { windowBytes: 1000 });
    const got = collect(far);
    far.pause?.();
    const writer = new ChannelWriter(near, { maxChunkBytes: 500, maxOutstandingBytes: 1000 });
    const write = writer.write(new Uint8Array(10_000), { signal });
    const early = await Promise.race([
      write.then(() => 'done'),
      new Promise((r) => setTimeout(r, 20, 'waits')),
    ]);
    expect(early).toBe('waits');
    expect(got).toHaveLength(0);
    expect(near.bufferedAmount).toBeGreaterThan(0);
    far.resume?.();
    await write;
    await writer.drained({ signal });
    near.close();
    await event(far, 'close');
    expect(got.reduce((sum, one) => sum + one.length, 0)).toBe(10_000);
  });

  test('what a paused end has not delivered comes before its close event', async () => {
    const [near, far] = channelPair();
    const got = collect(far);
    await event(near, 'open');
    far.pause?.();
    near.send(new Uint8Array([1, 2, 3]));
    near.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(far.readyState).toBe('closing');
    far.resume?.();
    await event(far, 'close');
    expect(got).toEqual([new Uint8Array([1, 2, 3])]);
  });

  test('cut loses what is under way and closes both', async () => {
    const [near, far] = channelPair();
    const got = collect(far);
    await event(near, 'open');
    near.send(new Uint8Array(10));
    const closed = Promise.all([event(near, 'close'), event(far, 'close')]);
    near.cut();
    await closed;
    expect(got).toEqual([]);
    expect(() => near.send('x')).toThrow('not open');
  });

  test('takes no message that is too long', async () => {
    const [near] = channelPair('', { maxMessageBytes: 10 });
    await event(near, 'open');
    expect(() => near.send(new Uint8Array(11))).toThrow(TypeError);
  });
});

test('peerPair shows channels of one end at the other, and close cuts all', async () => {
  const [near, far] = peerPair();
  const seen = new Promise<object>((resolve) =>
    far.addEventListener('datachannel', ({ channel: { label, protocol, id } }) =>
      resolve({ label, protocol, id }),
    ),
  );
  near.createDataChannel('first');
  const channel = near.createDataChannel('%', { protocol: 'chess' });
  await event(channel, 'open');
  expect(far.channels.map(({ label, protocol, id }) => ({ label, protocol, id }))).toEqual([
    await seen,
    { label: '%', protocol: 'chess', id: channel.id },
  ]);
  expect(far.createDataChannel('theirs').id).not.toBe(channel.id);
  const closed = event(channel, 'close');
  near.close();
  await closed;
  expect(() => far.createDataChannel('y')).toThrow('closed');
});
