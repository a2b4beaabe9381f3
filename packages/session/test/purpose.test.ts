import { peerPair } from '@ouro/control/memory';
import type { DataChannelLike } from '@ouro/webrtc-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabel } from '../src/host/label.ts';
import { CHANNEL_PROTOCOLS, type Purpose, Session, SessionError } from '../src/index.ts';
import { Lab, signal, until } from './lab.ts';
import { decode, olderClient, Wire } from './wire.ts';

const forward = { protocol: 'ouro.forward' };
const hello =
  '{"time":1,"message_id":0,"type":"hello","args":{"version":"1","protocol":1,"features":["marked"]}}';

describe('a channel of a purpose that the agent does not know', () => {
  test('runs nothing, whatever its label', async () => {
    await using lab = new Lab();
    const channel = lab.connect().createDataChannel('touch /tmp/x', forward);
    await until(() => channel.readyState === 'closed');
    expect(lab.processes).toHaveLength(0);
  });

  test('is closed without a word for a client that knows only the older commands', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    const channel = wire.peer.createDataChannel('24x80,sh', forward);
    await until(() => channel.readyState === 'closed');
    expect(wire.heard).toEqual([]);
    expect(lab.processes).toHaveLength(0);
  });

  test('is closed when its opener has the reason', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    wire.say(hello);
    expect(await wire.hear(0)).toContain('"features\\":[');
    const channel = wire.peer.createDataChannel('touch /tmp/x', forward);
    expect(await wire.hear(1)).toBe(
      `{"time":1,"message_id":1,"type":"refused","args":{"channel":${channel.id},"protocol":"ouro.forward",` +
        '"code":"unsupported","reason":"Channels for \\"ouro.forward\\" are not known here: update Ouro at this end, or do without them"}}',
    );
    expect(channel.readyState).toBe('open');
    wire.say('{"time":1,"message_id":1,"type":"ack","args":{"ref":1,"body":""}}');
    await until(() => channel.readyState === 'closed');
    expect(lab.processes).toHaveLength(0);
  });

  test("is refused at the client's API with the agent's reason", async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    const opening = session.openChannel('ouro.forward', { label: 'touch /tmp/x', signal });
    await expect(opening).rejects.toMatchObject({
      name: 'SessionError',
      code: 'unsupported',
      message: expect.stringMatching(/^The agent refused: .*"ouro\.forward".*update/),
    });
    expect(lab.processes).toHaveLength(0);
    await until(() => lab.peers[0]?.[0].channels[1]?.readyState === 'closed');
    await session.addPane({ command: ['sh'] }, { signal });
  });
});

describe('a client that opens a channel', () => {
  const echo: Purpose = {
    protocol: 'test.echo',
    take: (channel) => {
      if (channel.label === 'no') throw new SessionError('busy', 'Enough of them: close one first');
      if (channel.label === 'secret') throw new Error('hunter2');
      channel.addEventListener('message', ({ data }) => channel.send(`you said ${decode(data)}`));
    },
  };

  test('gets it when the agent has taken it, and learns that it may before', async () => {
    await using lab = new Lab();
    lab.purposes = [echo];
    await using session = await lab.client();
    expect((await session.remote)?.features).toContain('test.echo');
    const heard: string[] = [];
    const onChannel = (channel: DataChannelLike) =>
      channel.addEventListener('message', ({ data }) => heard.push(decode(data)));
    const channel = await session.openChannel('test.echo', { label: 'here', onChannel, signal });
    expect(channel).toMatchObject({ label: 'here', protocol: 'test.echo', readyState: 'open' });
    channel.send('hi');
    await until(() => heard.length === 1);
    expect(heard).toEqual(['you said hi']);
  });

  test('is told why it may not, and nothing of what went wrong inside', async () => {
    await using lab = new Lab();
    lab.purposes = [echo];
    await using session = await lab.client();
    await expect(session.openChannel('test.echo', { label: 'no', signal })).rejects.toMatchObject({
      code: 'busy',
      message: 'The agent refused: Enough of them: close one first',
    });
    await expect(session.openChannel('test.echo', { label: 'secret', signal })).rejects.toMatchObject({
      code: 'refused',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  test.each([CHANNEL_PROTOCOLS.pane, CHANNEL_PROTOCOLS.paneStderr])(
    'does not open %s: the agent does',
    async (protocol) => {
      await using lab = new Lab();
      await using session = await lab.client();
      await session.addPane({ command: ['sh'] }, { signal });
      await expect(session.openChannel(protocol, { label: '1:1', signal })).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('opened by the other end alone'),
      });
      expect(lab.store.list()).toMatchObject([{ clients: 1 }]);
    },
  );

  test('never opens one without a purpose, nor one that an older agent would run', async () => {
    const [near, far] = peerPair();
    const wire = new Wire(far);
    const session = await Session.open(near, { signal, version: '1' });
    const bare = session.openChannel('', { label: 'touch /tmp/x', signal });
    await expect(bare).rejects.toMatchObject({ code: 'bad-message' });
    const opening = session.openChannel('ouro.forward', { label: 'touch /tmp/x', signal });
    const refused = expect(opening).rejects.toMatchObject({ code: 'unsupported' });
    await until(() => wire.heard.length === 1);
    wire.say('{"time":1,"message_id":0,"type":"nack","args":{"ref":0,"desc":"unknown type"}}');
    await refused;
    expect(near.channels.map(({ label }) => label)).toEqual(['%']);
    await session.close();
    near.close();
  });

  /** A session with an agent that says hello and then nothing. */
  async function silentAgent() {
    const [near, far] = peerPair();
    const wire = new Wire(far);
    const session = await Session.open(near, { signal, version: '1' });
    await until(() => wire.heard.length === 1);
    const info = JSON.stringify({ version: '1', protocol: 1, features: [] });
    wire.say(JSON.stringify({ time: 1, message_id: 0, type: 'ack', args: { ref: 0, body: info } }));
    return { near, session, wire };
  }

  test('lets it go when it is cancelled, closed or lost before', async () => {
    const { near, session, wire } = await silentAgent();
    const stop = new AbortController();
    const cancelled = session.openChannel('test.x', { signal: stop.signal });
    await until(() => wire.opened[0]?.readyState === 'open');
    stop.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'aborted' });
    await until(() => wire.opened[0]?.readyState === 'closed');

    const closed = session.openChannel('test.x', { signal });
    await until(() => wire.opened[1]?.readyState === 'open');
    wire.opened[1]?.close();
    await expect(closed).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('no reason'),
    });

    const over = session.openChannel('test.x', { signal });
    await until(() => wire.opened[2]?.readyState === 'open');
    await Promise.all([expect(over).rejects.toMatchObject({ code: 'closed' }), session.close()]);
    await until(() => near.channels.every(({ readyState }) => readyState === 'closed'));
    expect(near.channels.map(({ listenerCount }) => listenerCount)).toEqual([0, 0, 0, 0]);
    await expect(session.openChannel('test.x', { signal })).rejects.toMatchObject({ code: 'closed' });
    near.close();
  });

  test('takes a verdict of no known channel or code for what it is', async () => {
    const { near, session, wire } = await silentAgent();
    const opening = session.openChannel('test.x', { signal });
    const refused = expect(opening).rejects.toMatchObject({
      code: 'refused',
      message: 'The agent refused: No',
    });
    await until(() => wire.opened[0]?.readyState === 'open');
    const say = (type: string, args: object) =>
      wire.say(JSON.stringify({ time: 1, message_id: 7, type, args }));
    const id = wire.opened[0]?.id ?? 0;
    say('accepted', { channel: id + 2 });
    say('refused', { channel: id + 2, protocol: 'test.x', code: 'busy', reason: 'Other' });
    say('refused', { channel: id, protocol: 'test.x', code: '__proto__', reason: 'No' });
    await refused;
    await session.close();
    near.close();
  });
});

describe('the channels of panes', () => {
  test('carry their purpose to a client that said hello, and none to an older one', async () => {
    await using lab = new Lab();
    const wire = await olderClient(lab);
    const add = (id: number) =>
      wire.say(`{"time":1,"message_id":${id},"type":"add_pane","args":{"command":["make"]}}`);
    add(1);
    await until(() => wire.opened.length === 1);
    wire.say(hello);
    add(2);
    await until(() => wire.opened.length === 3);
    expect(wire.opened.map(({ label, protocol }) => [label, protocol])).toEqual([
      ['1:1', ''],
      ['2:2', 'ouro.pane'],
      ['2:2:stderr', 'ouro.pane.stderr'],
    ]);
  });
});

describe('a channel that the agent opens', () => {
  test('of a purpose of ours that this client does not know is refused with a reason', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    await session.remote;
    const channel = lab.peers[0]?.[1].createDataChannel('1:1', { protocol: 'ouro.other' });
    await until(() => channel?.readyState === 'closed');
    expect(lab.logged).toContainEqual({ code: 'unsupported', protocol: 'ouro.other' });
  });

  test('of a pane under a label of another form is refused', async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    await session.remote;
    for (const [label, protocol] of [
      ['x', 'ouro.pane'],
      ['1:1', 'ouro.pane.stderr'],
      ['1:1:stderr', 'ouro.pane'],
    ] as const) {
      const channel = lab.peers[0]?.[1].createDataChannel(label, { protocol });
      await until(() => channel?.readyState === 'closed');
    }
    expect(lab.logged.filter((fields) => 'protocol' in fields)).toHaveLength(3);
  });

  test("of a purpose that is none of ours is somebody else's", async () => {
    await using lab = new Lab();
    await using session = await lab.client();
    await session.remote;
    const channel = lab.peers[0]?.[1].createDataChannel('1:1', { protocol: 'chat' });
    await session.getPayload({ signal });
    await until(() => channel?.readyState === 'open');
  });
});

test('fuzz: only a label without a protocol runs anything', async () => {
  const label = fc.oneof(
    fc.string(),
    fc.constantFrom('%', '24x80,sh', 'echo,hi', '>1', '1:1', '1:1:stderr', 'touch /tmp/x'),
  );
  const protocol = fc.oneof(
    fc.string(),
    fc.constantFrom('', 'ouro.pane', 'ouro.pane.stderr', 'ouro.forward', 'OURO.PANE', '\0', ' ', '__proto__'),
  );
  const names = fc.array(fc.tuple(label, protocol), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(names, async (all) => {
      await using lab = new Lab();
      const peer = lab.connect();
      const opened = all.map(([text, purpose]) => peer.createDataChannel(text, { protocol: purpose }));
      const runs = opened.filter((one) => one.protocol === '' && parseLabel(one.label)?.kind === 'run');
      const foreign = opened.filter((one) => one.protocol !== '');
      await until(() => lab.processes.length >= runs.length);
      await until(() => foreign.every((one) => one.readyState === 'closed'));
      expect(lab.processes).toHaveLength(runs.length);
    }),
    { numRuns: 300 },
  );
}, 60_000);
