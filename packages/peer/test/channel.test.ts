import { createHash } from 'node:crypto';
import { type DataChannel, MAX_BUFFERED_BYTES, MAX_CHANNELS, MAX_NAME_BYTES } from '@ouro/sctp';
import { expect, test } from 'vitest';
import { closed, connectedPeers, loopbackPeer, opened } from './support/peers.ts';

const MIB = 1024 * 1024;

/** Sends `bytes` with at most 128 KiB waiting, and closes. */
async function sendAll(channel: DataChannel, bytes: number, close = true): Promise<string> {
  const hash = createHash('sha256');
  channel.bufferedAmountLowThreshold = 64 * 1024;
  for (let at = 0, i = 0; at < bytes; i += 1) {
    const size = Math.min(1 + ((i * 7919) % 65_536), bytes - at);
    const data = Buffer.alloc(size, i);
    hash.update(data);
    channel.send(data);
    at += size;
    while (channel.bufferedAmount > 128 * 1024) {
      await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
    }
  }
  if (close) channel.close();
  return hash.digest('hex');
}

test('100 MiB and a close at once: nothing is lost, nothing changed, and then it is closed on both ends', async () => {
  await using peers = await connectedPeers();
  const hash = createHash('sha256');
  let received = 0;
  peers.far.addEventListener('message', ({ data }) => {
    hash.update(data);
    received += data.length;
  });
  const sent = await sendAll(peers.near, 100 * MIB);
  await closed(peers.far);
  await closed(peers.near);
  expect(received).toBe(100 * MIB);
  expect(hash.digest('hex')).toBe(sent);
}, 20_000);

test('a reader that pauses holds the sender, and both stay small; then everything comes', async () => {
  await using peers = await connectedPeers();
  let received = 0;
  peers.far.addEventListener('message', ({ data }) => {
    received += data.length;
  });
  peers.far.pause();
  const before = process.memoryUsage().rss;
  const message = new Uint8Array(64 * 1024);
  let given = 0;
  const fill = (): void => {
    while (given < 64 * MIB && peers.near.bufferedAmount < 128 * 1024) {
      peers.near.send(message);
      given += message.length;
    }
  };
  peers.near.bufferedAmountLowThreshold = 64 * 1024;
  peers.near.addEventListener('bufferedamountlow', fill);
  fill();
  let last = -1;
  while (last !== given) {
    last = given;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(received).toBe(0);
  expect(given).toBeLessThan(3 * MIB);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  // The other direction and other channels go on meanwhile.
  const other = peers.offerer.createDataChannel('other');
  const echo = Promise.withResolvers<unknown>();
  peers.answerer.addEventListener('datachannel', ({ channel }) => {
    channel.addEventListener('message', ({ data }) => echo.resolve(data));
  });
  await opened(other);
  other.send('past it');
  expect(await echo.promise).toBe('past it');
  peers.far.resume();
  while (received < 64 * MIB) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(received).toBe(64 * MIB);
}, 20_000);

test('what came before a close is given after a pause, and only then the close', async () => {
  await using peers = await connectedPeers();
  const events: string[] = [];
  peers.far.pause();
  peers.far.addEventListener('message', ({ data }) => events.push(String(data)));
  peers.far.addEventListener('closing', () => events.push('closing'));
  peers.far.addEventListener('close', () => events.push('close'));
  peers.near.send('one');
  peers.near.send('two');
  peers.near.close();
  await new Promise<void>((resolve) =>
    peers.far.addEventListener('closing', () => resolve(), { once: true }),
  );
  expect(events).toEqual(['closing']);
  await closed(peers.near);
  peers.far.resume();
  await closed(peers.far);
  expect(events).toEqual(['closing', 'one', 'two', 'close']);
});

test('a channel of the far end has its stream and protocol when it is announced', async () => {
  await using peers = await connectedPeers();
  const announced = new Promise<object>((resolve) => {
    peers.answerer.addEventListener('datachannel', ({ channel: { id, label, protocol } }) =>
      resolve({ id, label, protocol }),
    );
  });
  const near = peers.offerer.createDataChannel('board', { protocol: 'chess' });
  await opened(near);
  expect(await announced).toEqual({ id: near.id, label: 'board', protocol: 'chess' });
});

test('both ends may close at once, and the number is used again', async () => {
  await using peers = await connectedPeers();
  for (let i = 0; i < 20; i += 1) {
    const near = peers.offerer.createDataChannel(`channel ${i}`);
    const far = await new Promise<DataChannel>((resolve) => {
      peers.answerer.addEventListener('datachannel', ({ channel }) => resolve(channel), { once: true });
    });
    await opened(near);
    near.close();
    if (i % 2) far.close();
    await Promise.all([closed(near), closed(far)]);
  }
  expect((await peers.offerer.getStats()).size).toBeGreaterThan(0);
});

test('every kind of message comes as what it was', async () => {
  await using peers = await connectedPeers();
  const got: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    peers.far.addEventListener('message', ({ data }) => {
      got.push(data);
      if (got.length === 5) resolve();
    });
  });
  const bytes = new Uint8Array([0, 255, 1]);
  peers.near.send('tëxt 😀');
  peers.near.send('');
  peers.near.send(bytes);
  bytes.fill(9);
  peers.near.send(new Uint8Array(0));
  peers.near.send(new Uint8Array([5]).buffer);
  await all;
  expect(got).toEqual(['tëxt 😀', '', new Uint8Array([0, 255, 1]), new Uint8Array(0), new Uint8Array([5])]);
});

test('bufferedAmount is what is not sent yet, and falling below the threshold is told', async () => {
  await using peers = await connectedPeers();
  peers.near.bufferedAmountLowThreshold = 1000;
  const low = new Promise<void>((resolve) => {
    peers.near.addEventListener('bufferedamountlow', () => resolve(), { once: true });
  });
  peers.near.send(new Uint8Array(200_000));
  expect(peers.near.bufferedAmount).toBe(200_000);
  await low;
  expect(peers.near.bufferedAmount).toBeLessThanOrEqual(1000);
});

test('at the caps: buffer, message, channels, names', async () => {
  await using peers = await connectedPeers();
  peers.far.pause();
  const large = new Uint8Array(256 * 1024);
  for (let i = 0; i < MAX_BUFFERED_BYTES / large.length; i += 1) peers.near.send(large);
  expect(() => peers.near.send(large)).toThrow(expect.objectContaining({ name: 'OperationError' }));
  expect(() => peers.near.send(new Uint8Array(256 * 1024 + 1))).toThrow(TypeError);
  const peer = await loopbackPeer();
  for (let i = 0; i < MAX_CHANNELS; i += 1) peer.createDataChannel(`${i}`);
  expect(() => peer.createDataChannel('more')).toThrow(expect.objectContaining({ name: 'OperationError' }));
  expect(() => peer.createDataChannel('ä'.repeat(MAX_NAME_BYTES))).toThrow(TypeError);
  peer.close();
});

test('a channel that is not open, or of a closed peer, refuses', async () => {
  const peers = await connectedPeers();
  const connecting = (await loopbackPeer()).createDataChannel('early');
  expect(() => connecting.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  peers.offerer.close();
  await closed(peers.far);
  expect(peers.near.readyState).toBe('closed');
  expect(() => peers.near.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  expect(() => peers.offerer.createDataChannel('x')).toThrow(
    expect.objectContaining({ name: 'InvalidStateError' }),
  );
  peers.answerer.close();
});
