import { expect, test } from 'vitest';
import { DataChannel, type DataChannelHost } from '../src/channel/data-channel.ts';

function opened(): { channel: DataChannel; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const host: DataChannelHost = {
    maxMessageBytes: 1000,
    send: (_channel, _ppid, data) => sent.push(data),
    close: () => {},
    hold: () => {},
    drained: () => {},
  };
  const channel = new DataChannel({ label: '', protocol: '', ordered: true }, host);
  channel.opened(0);
  return { channel, sent };
}

test.each([
  ['an array', (bytes: Uint8Array<ArrayBuffer>) => bytes],
  ['a part of one', (bytes: Uint8Array<ArrayBuffer>) => bytes.subarray(0)],
  ['a buffer', (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
])('what happens to %s after it was sent changes nothing', (_name, given) => {
  const { channel, sent } = opened();
  const bytes = Uint8Array.of(1, 2, 3);
  channel.send(given(bytes));
  bytes.fill(9);
  expect(sent.map((data) => [...data])).toEqual([[1, 2, 3]]);
});

test('of a larger array only the part that was given is sent', () => {
  const { channel, sent } = opened();
  channel.send(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  expect(sent.map((data) => [...data])).toEqual([[2, 3]]);
});
