import { peerPair } from '@ouro/control/memory';
import type { DataChannelLike } from '@ouro/webrtc-types';
import { describe, expect, test } from 'vitest';
import { Session } from '../src/index.ts';
import { Collector, Lab, readAll, signal, until } from './lab.ts';
import { decode, olderClient, Wire } from './wire.ts';

const size = { rows: 24, cols: 80 };
describe('an older client and this agent', () => {
  test('every command, text for text', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say(
      '{"time":1,"message_id":0,"type":"add_pane","args":{"command":["*"],"rows":24,"cols":80,"parent":0}}',
    );
    expect(await wire.hear(0)).toBe('{"time":1,"message_id":0,"type":"ack","args":{"ref":0,"body":"1"}}');
    await until(() => wire.opened.length === 1);
    expect(wire.opened[0]?.label).toBe('0:1');
    expect(lab.process.request).toMatchObject({ argv: ['*'], size });

    wire.say('{"time":1,"message_id":1,"type":"resize","args":{"pane_id":1,"sx":100,"sy":40}}');
    expect(await wire.hear(1)).toBe('{"time":1,"message_id":1,"type":"ack","args":{"ref":1,"body":""}}');
    expect(lab.process.sizes).toEqual([{ rows: 40, cols: 100 }]);

    wire.say('{"time":1,"message_id":2,"type":"set_payload","args":{"Payload":{"a":[1]}}}');
    expect(await wire.hear(2)).toBe(
      '{"time":1,"message_id":2,"type":"ack","args":{"ref":2,"body":"{\\"a\\":[1]}"}}',
    );
    wire.say('{"time":1,"message_id":3,"type":"get_payload","args":null}');
    expect(await wire.hear(3)).toBe(
      '{"time":1,"message_id":3,"type":"ack","args":{"ref":3,"body":"{\\"a\\":[1]}"}}',
    );
    wire.say('{"time":1,"message_id":4,"type":"mark","args":null}');
    expect(await wire.hear(4)).toMatch(
      /^\{"time":1,"message_id":4,"type":"ack","args":\{"ref":4,"body":"\d+"\}\}$/,
    );
    const marker = /"body":"(\d+)"/.exec(wire.heard[4] ?? '')?.[1];
    wire.say(`{"time":1,"message_id":5,"type":"restore","args":{"marker":${marker}}}`);
    expect(await wire.hear(5)).toBe(
      '{"time":1,"message_id":5,"type":"ack","args":{"ref":5,"body":"{\\"a\\":[1]}"}}',
    );
    wire.say('{"time":1,"message_id":6,"type":"reconnect_pane","args":{"id":1}}');
    expect(await wire.hear(6)).toBe('{"time":1,"message_id":6,"type":"ack","args":{"ref":6,"body":"1"}}');
    await until(() => wire.opened.length === 2);
    expect(wire.opened[1]?.label).toBe('6:1');
    wire.say('{"time":1,"message_id":7,"type":"reconnect_pane","args":{"id":99}}');
    expect(await wire.hear(7)).toBe(
      '{"time":1,"message_id":7,"type":"nack","args":{"ref":7,"desc":"Pane 99 does not run"}}',
    );
  });

  test('is asked for its clipboard, and told what others did, and nothing it does not know', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say('{"time":1,"message_id":0,"type":"add_pane","args":{"command":"sh","rows":24,"cols":80}}');
    await wire.hear(0);
    const reading = lab.store.getClipboard({ signal });
    expect(await wire.hear(1)).toBe('{"time":1,"message_id":1,"type":"get_clipboard","args":{}}');
    wire.say('{"time":1,"message_id":1,"type":"ack","args":{"ref":1,"body":"copied"}}');
    expect(await reading).toBe('copied');
    const writing = lab.store.setClipboard('text', 'text/plain', { signal });
    expect(await wire.hear(2)).toBe(
      '{"time":1,"message_id":2,"type":"set_clipboard","args":{"data":"text","mimetype":"text/plain"}}',
    );
    wire.say('{"time":1,"message_id":2,"type":"ack","args":{"ref":2,"body":""}}');
    await writing;

    await using other = await lab.client();
    const pane = await other.reconnectPane(1, { signal });
    await pane.resize({ rows: 25, cols: 81 }, { signal });
    expect(await wire.hear(3)).toBe(
      '{"time":1,"message_id":3,"type":"resize","args":{"pane_id":1,"sx":81,"sy":25}}',
    );
    await other.setPayload({ w: 1 }, { signal });
    expect(await wire.hear(4)).toBe(
      '{"time":1,"message_id":4,"type":"set_payload","args":{"payload":{"w":1}}}',
    );

    lab.process.print('bye');
    lab.process.exit({ code: 1, signal: null });
    await until(() => wire.opened[0]?.readyState === 'closed');
    expect(wire.bytes.get('0:1')).toBe('bye');
    expect(wire.heard).toHaveLength(5);
  });

  test.each(['1', '-1', '0', '"12345"', 'null'])(
    'a restore of %s is acked, whatever it is',
    async (marker) => {
      await using lab = new Lab();
      lab.payload = '{"a":1}';
      const wire = await olderClient(lab);
      wire.say(`{"time":1,"message_id":0,"type":"restore","args":{"marker":${marker}}}`);
      expect(await wire.hear(0)).toBe(
        '{"time":1,"message_id":0,"type":"ack","args":{"ref":0,"body":"{\\"a\\":1}"}}',
      );
    },
  );

  test('standard error comes in the one channel it knows', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say('{"time":1,"message_id":4,"type":"add_pane","args":{"command":["make"],"env":{"A":"b"}}}');
    await wire.hear(0);
    lab.process.print('out ');
    lab.process.complain('err');
    lab.process.exit();
    await until(() => wire.opened[0]?.readyState === 'closed');
    expect(wire.opened.map(({ label }) => label)).toEqual(['4:1']);
    expect(wire.bytes.get('4:1')).toBe('out err');
    expect(lab.process.request.env).toBeUndefined();
  });

  test('is told nothing of why the session ends', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    await lab.hosts[0]?.close('stopped');
    await until(() => wire.channel?.readyState === 'closed');
    expect(wire.heard).toEqual([]);
  });

  test('text frames are input too', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say('{"time":1,"message_id":0,"type":"add_pane","args":{"command":["sh"],"rows":24,"cols":80}}');
    await until(() => wire.opened[0]?.readyState === 'open');
    wire.opened[0]?.send('ls\r');
    await until(() => lab.process.inputText === 'ls\r');
  });
});

describe('a client that said hello', () => {
  test('confirms what it has before its mark is acked, and gets nothing more until then', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say(
      '{"time":1,"message_id":0,"type":"hello","args":{"version":"1","protocol":1,"features":["marked"]}}',
    );
    expect(await wire.hear(0)).toMatch(/"body":"\{\\"version\\":\\"1\.2\.3\\",\\"protocol\\":1,/);
    wire.say('{"time":1,"message_id":1,"type":"add_pane","args":{"command":["make"]}}');
    await wire.hear(1);
    lab.process.print('before');
    await until(() => wire.bytes.get('1:1') === 'before');
    wire.say('{"time":1,"message_id":2,"type":"mark","args":{}}');
    expect(await wire.hear(2)).toBe(
      '{"time":1,"message_id":2,"type":"marked","args":{"channels":{"1:1":6,"1:1:stderr":0}}}',
    );
    lab.process.print('after');
    wire.say('{"time":1,"message_id":3,"type":"get_payload","args":{}}');
    expect(await wire.hear(3)).toContain('"ref":3');
    expect(wire.bytes.get('1:1')).toBe('before');
    wire.say('{"time":1,"message_id":4,"type":"ack","args":{"ref":2,"body":""}}');
    expect(await wire.hear(4)).toContain('"ref":2');
    await until(() => wire.bytes.get('1:1') === 'beforeafter');
    lab.process.exit({ code: 3, signal: null });
    expect(await wire.hear(5)).toBe(
      '{"time":1,"message_id":5,"type":"exit","args":{"pane_id":1,"code":3,"signal":null,"bytes":{"stdout":11,"stderr":0}}}',
    );
    expect(wire.opened.map(({ readyState }) => readyState)).toEqual(['open', 'open']);
    wire.say('{"time":1,"message_id":5,"type":"ack","args":{"ref":5,"body":""}}');
    await until(() => wire.opened.every(({ readyState }) => readyState === 'closed'));
  });

  test('is told why the session ends, if it knows to listen', async () => {
    for (const features of [['bye'], []]) {
      await using lab = new Lab();
      const wire = await olderClient(lab);
      const hello = { time: 1, message_id: 0, type: 'hello', args: { version: '1', protocol: 1, features } };
      wire.say(JSON.stringify(hello));
      await wire.hear(0);
      const closed = lab.hosts[0]?.close('stopped');
      if (features.length > 0) {
        expect(await wire.hear(1)).toBe('{"time":1,"message_id":1,"type":"bye","args":{"reason":"stopped"}}');
        expect(wire.channel?.readyState).toBe('open');
        wire.say('{"time":1,"message_id":1,"type":"ack","args":{"ref":1,"body":""}}');
      }
      await closed;
      await until(() => wire.channel?.readyState === 'closed');
      expect(wire.heard).toHaveLength(features.length + 1);
    }
  });

  test('ends the input at a count of bytes, and sends signals', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say('{"time":1,"message_id":0,"type":"hello","args":{"version":"1","protocol":1,"features":[]}}');
    wire.say('{"time":1,"message_id":1,"type":"add_pane","args":{"command":["wc"],"env":{"A":"b"}}}');
    await until(() => wire.opened[0]?.readyState === 'open');
    expect(lab.process.request.env).toEqual({ A: 'b' });
    wire.say('{"time":1,"message_id":2,"type":"eof","args":{"pane_id":1,"bytes":4}}');
    expect(await wire.hear(2)).toBe('{"time":1,"message_id":2,"type":"ack","args":{"ref":2,"body":""}}');
    expect(lab.process.inputEnds).toBe(0);
    wire.opened[0]?.send('four');
    await until(() => lab.process.inputEnds === 1);
    expect(lab.process.inputText).toBe('four');
    wire.say('{"time":1,"message_id":3,"type":"signal","args":{"pane_id":1,"name":"TERM"}}');
    await wire.hear(3);
    expect(lab.process.signals).toEqual(['TERM']);
  });
});

describe('this client and an older agent', () => {
  /** An agent that knows the older commands only; `hello` is nacked or left without an answer. */
  function olderAgent(answersHello: boolean) {
    const [near, far] = peerPair();
    const wire = new Wire(far);
    const panes: DataChannelLike[] = [];
    far.addEventListener('datachannel', ({ channel }) => {
      if (channel.label !== '%') return;
      channel.addEventListener('message', ({ data }) => {
        const { message_id: ref, type } = JSON.parse(decode(data));
        const answer = (name: string, args: string) =>
          channel.send(`{"time":1,"message_id":${ref},"type":"${name}","args":{"ref":${ref},${args}}}`);
        if (type === 'hello') {
          if (answersHello) answer('nack', '"desc":"unknown type"');
        } else if (type === 'add_pane') {
          panes.push(far.createDataChannel(`${ref}:7`));
          answer('ack', '"body":"7"');
        } else if (type === 'reconnect_pane') answer('nack', '"desc":"no such pane"');
        else answer('ack', '"body":"5"');
      });
    });
    return { near, wire, panes };
  }

  test.each([true, false])(
    'works, and learns it without waiting (hello nacked: %s)',
    async (answersHello) => {
      const { near, wire, panes } = olderAgent(answersHello);
      const session = await Session.open(near, { signal, version: '1.0.0', now: () => 1 });
      const pane = await session.addPane({ command: ['bash', '-l'], size }, { signal });
      expect(await session.remote).toBeUndefined();
      expect(wire.heard).toEqual([
        '{"time":1,"message_id":0,"type":"hello","args":{"version":"1.0.0","protocol":1,"features":["exit","eof","signal","stderr","env","marked","bye","ouro.pane","ouro.pane.stderr"]}}',
        '{"time":1,"message_id":1,"type":"add_pane","args":{"command":["bash","-l"],"rows":24,"cols":80,"parent":0}}',
      ]);
      const seen = new Collector(pane.stdout);
      await until(() => panes[0]?.readyState === 'open');
      panes[0]?.send(new TextEncoder().encode('hello'));
      await seen.has('hello');
      await pane.resize({ rows: 1, cols: 2 }, { signal });
      expect(await session.mark({ signal })).toBe('5');
      await session.restore('5', { signal });
      await session.setPayload([1], { signal });
      expect(wire.heard.slice(2)).toEqual([
        '{"time":1,"message_id":2,"type":"resize","args":{"pane_id":7,"sx":2,"sy":1}}',
        '{"time":1,"message_id":3,"type":"mark","args":{}}',
        '{"time":1,"message_id":4,"type":"restore","args":{"marker":5}}',
        '{"time":1,"message_id":5,"type":"set_payload","args":{"payload":[1]}}',
      ]);
      await expect(pane.kill('INT', { signal })).rejects.toMatchObject({ code: 'unsupported' });
      await pane.end({ signal });
      await until(() => wire.heard.length === 6);
      panes[0]?.close();
      await seen.done;
      expect(seen.text).toBe('hello');
      expect(await readAll(pane.stderr)).toHaveLength(0);
      expect(await pane.exited).toEqual({ code: null, signal: null });
      await expect(session.reconnectPane(3, { signal })).rejects.toMatchObject({
        code: 'refused',
        message: 'The agent refused: no such pane',
      });
      await session.close();
      near.close();
    },
  );

  test('the end of input is the terminal character on a pty, and refused without one', async () => {
    const { near, panes } = olderAgent(true);
    const session = await Session.open(near, { signal, version: '1.0.0' });
    const pane = await session.addPane({ command: ['cat'], size }, { signal });
    let got = '';
    panes[0]?.addEventListener('message', ({ data }) => {
      got += decode(data);
    });
    await pane.end({ signal });
    await until(() => got === '\x04');
    const bare = await session.addPane({ command: ['cat'] }, { signal });
    await expect(bare.end({ signal })).rejects.toMatchObject({ code: 'unsupported' });
    await session.close();
    near.close();
  });
});
