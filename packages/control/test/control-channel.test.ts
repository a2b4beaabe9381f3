import { Type } from 'typebox';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  ControlChannel,
  type ControlError,
  MAX_ACTIVE_REQUESTS,
  MAX_CONTROL_MESSAGE_BYTES,
  MAX_NOTIFIED,
  MAX_OUTBOX_BYTES,
  MAX_PENDING_REQUESTS,
} from '../src/index.ts';
import { channelPair } from '../src/memory/index.ts';
import { FakeChannel, turn } from './fake-channel.ts';

/** Commands of no meaning, and one whose arguments are looked at. */
const COMMANDS = {
  a: Type.Unknown(),
  b: Type.Unknown(),
  bad: Type.Unknown(),
  good: Type.Unknown(),
  mark: Type.Unknown(),
  move: Type.Object({ to: Type.Integer() }),
  x: Type.Unknown(),
};
const signal = new AbortController().signal;
const now = () => 1234;
const reply = (type: string, args: unknown) => JSON.stringify({ time: 1, message_id: 9, type, args });

afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const channel = new FakeChannel();
  const problems: ControlError[] = [];
  const control = new ControlChannel(channel, COMMANDS, {
    now,
    onProblem: (problem) => problems.push(problem),
  });
  return { channel, control, problems };
}

describe('requests', () => {
  test('writes the envelope of the wire, from id 0, in binary', async () => {
    const { channel, control } = open();
    const answer = control.request('mark', undefined, { signal });
    expect(channel.sent[0]).toBeInstanceOf(Uint8Array);
    expect(new TextDecoder().decode(channel.sent[0] as Uint8Array)).toBe(
      '{"time":1234,"message_id":0,"type":"mark"}',
    );
    channel.receive(reply('ack', { ref: 0, body: '17' }));
    expect(await answer).toBe('17');
    expect(channel.events.count).toBe(4);
  });

  test('sends text frames when asked', () => {
    const channel = new FakeChannel();
    new ControlChannel(channel, COMMANDS, { now, text: true }).notify('x', { a: 'ü' });
    expect(channel.sent).toEqual(['{"time":1234,"message_id":0,"type":"x","args":{"a":"ü"}}']);
  });

  test('takes replies in text, bytes and buffers, and a body that is absent or null', async () => {
    const { channel, control } = open();
    const answers = [0, 1, 2, 3].map(() => control.request('x', {}, { signal }));
    channel.receive(reply('ack', { ref: 0, body: 'ä' }));
    channel.receive(new TextEncoder().encode(reply('ack', { ref: 1, body: 'b' })));
    channel.receive(new TextEncoder().encode(reply('ack', { ref: 2 })).buffer);
    channel.receive(reply('ack', { ref: 3, body: null }));
    expect(await Promise.all(answers)).toEqual(['ä', 'b', '', '']);
  });

  test('a nack rejects with the words of the far end', async () => {
    const { channel, control } = open();
    const answer = control.request('x', {}, { signal });
    channel.receive(reply('nack', { ref: 0, desc: 'no such pane' }));
    await expect(answer).rejects.toMatchObject({ code: 'nack', message: 'no such pane' });
  });

  test('duplicate and unknown refs are counted and ignored', async () => {
    const { channel, control, problems } = open();
    const answer = control.request('x', {}, { signal });
    channel.receive(reply('ack', { ref: 0, body: 'first' }));
    channel.receive(reply('ack', { ref: 0, body: 'second' }));
    channel.receive(reply('nack', { ref: 77 }));
    expect(await answer).toBe('first');
    expect(control.counters.unknownRefs).toBe(2);
    expect(problems).toHaveLength(2);
  });

  test('times out, and the late reply is only counted', async () => {
    vi.useFakeTimers();
    const { channel, control } = open();
    const answer = control.request('x', {}, { signal, timeoutMs: 50 });
    const failed = expect(answer).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(50);
    await failed;
    channel.receive(reply('ack', { ref: 0 }));
    expect(control.counters.unknownRefs).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('without a time-out it waits for ever and sets no timer', () => {
    vi.useFakeTimers();
    const { control } = open();
    control.begin('x', {}, { signal, timeoutMs: Number.POSITIVE_INFINITY });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is aborted by its signal, before and while it waits', async () => {
    const { channel, control } = open();
    await expect(control.request('x', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(channel.sent).toHaveLength(0);
    const stop = new AbortController();
    const answer = control.request('x', {}, { signal: stop.signal });
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'aborted' });
  });

  test('closing rejects all that waits and lets the channel go', async () => {
    const { channel, control } = open();
    const answer = control.request('x', {}, { signal });
    channel.close();
    await expect(answer).rejects.toMatchObject({ code: 'closed' });
    await control.closed;
    await expect(control.request('x', {}, { signal })).rejects.toMatchObject({ code: 'closed' });
    expect(() => control.notify('x', {})).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(channel.events.count).toBe(0);
  });

  test('waits for the channel to open, in order', () => {
    const channel = new FakeChannel();
    channel.readyState = 'connecting';
    const control = new ControlChannel(channel, COMMANDS, { now });
    control.notify('a', {});
    control.notify('b', {});
    expect(channel.sent).toHaveLength(0);
    channel.open();
    expect(channel.json()).toMatchObject([
      { message_id: 0, type: 'a' },
      { message_id: 1, type: 'b' },
    ]);
  });
});

describe('caps', () => {
  test('pending requests', async () => {
    const { channel, control } = open();
    const all = Array.from({ length: MAX_PENDING_REQUESTS }, () => {
      channel.drain();
      return control.request('x', {}, { signal });
    });
    await expect(control.request('x', {}, { signal })).rejects.toMatchObject({ code: 'busy' });
    control.close();
    const results = await Promise.allSettled(all);
    expect(results.every((one) => one.status === 'rejected')).toBe(true);
  });

  test('a message of the largest size passes, one byte more does not, both ways', async () => {
    const { channel, control } = open();
    const empty = '{"time":1234,"message_id":0,"type":"x","args":""}'.length;
    const longest = 'a'.repeat(MAX_CONTROL_MESSAGE_BYTES - empty);
    control.notify('x', longest);
    expect(() => control.notify('x', `${longest}a`)).toThrow(expect.objectContaining({ code: 'oversize' }));
    expect(channel.sent).toHaveLength(1);

    channel.drain();
    control.onRequest(() => 'taken');
    channel.receive(reply('x', '').replace('""', `"${'b'.repeat(MAX_CONTROL_MESSAGE_BYTES)}"`));
    expect(control.counters.badMessages).toBe(1);
    const sent = channel.sent[0];
    channel.receive(sent);
    expect(channel.json().at(-1)).toMatchObject({ type: 'ack', args: { ref: 0, body: 'taken' } });
  });

  test('an answer that is too long becomes a nack', () => {
    const { channel, control } = open();
    control.onRequest(() => 'c'.repeat(MAX_CONTROL_MESSAGE_BYTES));
    channel.receive(reply('x', {}));
    expect(channel.json()).toMatchObject([{ type: 'nack', args: { ref: 9 } }]);
  });

  test('requests at work', async () => {
    const { channel, control } = open();
    const gate = Promise.withResolvers<string>();
    control.onRequest(() => gate.promise);
    for (let i = 0; i <= MAX_ACTIVE_REQUESTS; i += 1) channel.receive(reply('x', {}));
    expect(channel.json()).toMatchObject([{ type: 'nack', args: { ref: 9 } }]);
    gate.resolve('done');
    await turn();
    channel.drain();
    expect(channel.json().filter((one) => Object(one).type === 'ack')).toHaveLength(MAX_ACTIVE_REQUESTS);
  });

  test('the outbox: a far end that asks and never reads is cut off', async () => {
    const { channel, control } = open();
    control.onRequest(() => 'd'.repeat(100_000));
    const enough = Math.ceil(MAX_OUTBOX_BYTES / 100_000) + 2;
    for (let i = 0; i < enough; i += 1) channel.receive(reply('x', {}));
    expect(channel.readyState).toBe('closed');
    await control.closed;
  });

  test('ids of notifications', () => {
    const { channel, control } = open();
    for (let i = 0; i <= MAX_NOTIFIED; i += 1) {
      control.notify('x', {});
      channel.drain();
    }
    channel.receive(reply('ack', { ref: MAX_NOTIFIED }));
    expect(control.counters.unknownRefs).toBe(0);
    channel.receive(reply('ack', { ref: 0 }));
    expect(control.counters.unknownRefs).toBe(1);
  });
});

describe('serving', () => {
  test('acks with what the handler returns, nacks with what it throws', async () => {
    const { channel, control } = open();
    control.onRequest(async ({ type }) => {
      if (type === 'bad') throw new Error('not today');
      return type.toUpperCase();
    });
    channel.receive(reply('good', null));
    channel.receive(reply('bad', null));
    await turn();
    expect(channel.json()).toEqual([
      { time: 1234, message_id: 0, type: 'ack', args: { ref: 9, body: 'GOOD' } },
      { time: 1234, message_id: 1, type: 'nack', args: { ref: 9, desc: 'not today' } },
    ]);
  });

  test('nacks when nobody serves, when the handler throws at once, and when it throws no error', () => {
    const { channel, control } = open();
    channel.receive(reply('x', null));
    control.onRequest(() => {
      throw null;
    });
    channel.receive(reply('x', null));
    expect(channel.json()).toMatchObject([{ type: 'nack' }, { type: 'nack', args: { desc: 'It failed' } }]);
  });

  test('the handler gets commands of the table with arguments that fit, and no others', () => {
    const { channel, control } = open();
    const done: number[] = [];
    control.onRequest((request) => {
      if (request.type === 'move') done.push(request.args.to);
      return 'moved';
    });
    channel.receive(reply('move', { to: 3 }));
    channel.receive(reply('move', { to: 'hunter2' }));
    channel.receive(reply('toString', {}));
    expect(done).toEqual([3]);
    expect(channel.json()).toMatchObject([
      { type: 'ack', args: { body: 'moved' } },
      { type: 'nack', args: { desc: 'The arguments of move are wrong at /to' } },
      { type: 'nack', args: { desc: 'The command toString is not known here' } },
    ]);
  });

  test.each([
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['no id', '{"type":"mark"}'],
    ['a negative id', '{"message_id":-1,"type":"mark"}'],
    ['a broken id', '{"message_id":1.5,"type":"mark"}'],
    ['an id over all bounds', '{"message_id":1e300,"type":"mark"}'],
    ['half of it', '{"message_id":1,'],
    ['nothing', ''],
    ['an ack without ref', '{"message_id":1,"type":"ack","args":{}}'],
    ['an ack with args null', '{"message_id":1,"type":"ack","args":null}'],
    ['a nack with a text as ref', '{"message_id":1,"type":"nack","args":{"ref":"0"}}'],
  ])('%s is counted, not answered', (_name, text) => {
    const { channel, control, problems } = open();
    control.onRequest(() => 'never');
    channel.receive(text);
    expect(control.counters.badMessages).toBe(1);
    expect(problems[0]?.code).toBe('bad-message');
    expect(channel.sent).toHaveLength(0);
  });

  test.each([
    ['no type', '{"message_id":5}'],
    ['a number as type', '{"message_id":5,"type":5}'],
    ['an endless type', `{"message_id":5,"type":"${'t'.repeat(65)}"}`],
  ])('%s is nacked', (_name, text) => {
    const { channel } = open();
    channel.receive(text);
    expect(channel.json()).toMatchObject([{ type: 'nack', args: { ref: 5 } }]);
  });

  test('bytes that are not UTF-8 and data of no kind are bad messages', () => {
    const { channel, control } = open();
    channel.receive(new Uint8Array([0xff, 0xfe]));
    for (const data of [undefined, null, 3, {}, new Blob(['{}'])]) channel.receive(data);
    expect(control.counters.badMessages).toBe(6);
  });
});

test('two ends talk over a memory link', async () => {
  const [near, far] = channelPair('%');
  await using client = new ControlChannel(near, { echo: Type.Object({ n: Type.Integer() }) });
  await using host = new ControlChannel(far, { echo: Type.Unknown() }, { text: true });
  host.onRequest(({ type, args }) => JSON.stringify([type, args]));
  const answers = Array.from({ length: 50 }, (_, n) => client.request('echo', { n }, { signal }));
  expect((await Promise.all(answers)).map((text) => JSON.parse(text)[1].n)).toEqual([...Array(50).keys()]);
  client.close();
  await host.closed;
});
