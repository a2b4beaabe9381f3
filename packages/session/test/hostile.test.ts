import { ControlChannel, ControlError, checkRequest, type RawRequest } from '@ouro/control';
import { channelPair, peerPair } from '@ouro/control/memory';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serveHost } from '../src/client/serve-host.ts';
import { COMMANDS } from '../src/commands.ts';
import { MAX_COLS } from '../src/constants.ts';
import { ClientControl } from '../src/host/client-control.ts';
import { serveCommand } from '../src/host/commands.ts';
import { parseLabel } from '../src/host/label.ts';
import { PaneChannels } from '../src/host/pane-channels.ts';
import { Session, SessionError } from '../src/index.ts';
import { Lab, signal, until } from './lab.ts';

const CASES = { numRuns: 10_000 };

describe('a hostile client', () => {
  const nacked: [string, unknown][] = [
    ['add_pane', null],
    ['add_pane', { command: [] }],
    ['add_pane', { command: '' }],
    ['add_pane', { command: '   ' }],
    ['add_pane', { command: [''] }],
    ['add_pane', { command: ['a\0b'] }],
    ['add_pane', { command: [null] }],
    ['add_pane', { command: ['x'], rows: 0, cols: 0 }],
    ['add_pane', { command: ['x'], rows: 24 }],
    ['add_pane', { command: ['x'], cols: 80 }],
    ['add_pane', { command: ['x'], rows: 24, cols: 1e9 }],
    ['add_pane', { command: ['x'], rows: -1, cols: 80 }],
    ['add_pane', { command: ['x'], parent: 'x' }],
    ['add_pane', { command: { 0: 'x' } }],
    ['reconnect_pane', { id: 1e300 }],
    ['reconnect_pane', { id: '__proto__' }],
    ['resize', { pane_id: 1, sx: MAX_COLS + 1, sy: 24 }],
    ['resize', { pane_id: 1, sx: 0, sy: 0 }],
    ['resize', { pane_id: 2, sx: 80, sy: 24 }],
    ['resize', null],
    ['restore', { marker: 'x' }],
    ['restore', { marker: [1] }],
    ['set_payload', null],
    ['hello', { version: 'x'.repeat(65), protocol: 1, features: [] }],
    ['hello', { version: 'x', protocol: 0, features: [] }],
    ['eof', { pane_id: 2, bytes: 0 }],
    ['signal', { pane_id: 1, name: 'SEGV' }],
    ['exit', { pane_id: 1, code: 0, signal: null, bytes: { stdout: 0, stderr: 0 } }],
    ['get_clipboard', null],
    ['set_clipboard', { data: 'x' }],
    ['constructor', {}],
    ['__proto__', {}],
    ['toString', {}],
  ];

  test('gets a nack for each bad command, and the agent serves on', async () => {
    await using lab = new Lab();
    const { control } = lab.bare();
    const add = { command: ['sh'], rows: 24, cols: 80 };
    expect(await control.request('add_pane', add, { signal })).toBe('1');
    for (const [type, args] of nacked) {
      await expect(control.request(type, args, { signal })).rejects.toMatchObject({ code: 'nack' });
    }
    expect(lab.processes).toHaveLength(1);
    expect(lab.process.sizes).toEqual([]);
    expect(await control.request('add_pane', add, { signal })).toBe('2');
  });

  test('that takes in nothing holds back only what it watches alone', async () => {
    await using lab = new Lab();
    const { peer, control } = lab.bare();
    peer.addEventListener('datachannel', ({ channel }) => channel.pause?.());
    await control.request('add_pane', { command: ['yes'], rows: 24, cols: 80 }, { signal });
    const [stuck] = lab.processes;
    const flood = stuck?.flood(Array.from({ length: 200 }, () => new Uint8Array(65_536)));
    await until(() => stuck?.paused === true);
    await using other = await lab.client();
    const pane = await other.addPane({ command: ['date'], size: { rows: 24, cols: 80 } }, { signal });
    lab.process.exit();
    expect(await pane.exited).toEqual({ code: 0, signal: null });
    peer.close();
    await flood;
  });

  test('that ends the input at a count it never reaches ends nothing', async () => {
    await using lab = new Lab();
    const { control } = lab.bare();
    await control.request('add_pane', { command: ['cat'] }, { signal });
    await control.request('eof', { pane_id: 1, bytes: 1 }, { signal });
    expect(lab.process.inputEnds).toBe(0);
    await control.request('eof', { pane_id: 1, bytes: 0 }, { signal });
    await until(() => lab.process.inputEnds === 1);
  });

  test('that goes away while its process starts leaves a pane that can be found', async () => {
    await using lab = new Lab();
    const { peer, control } = lab.bare();
    const adding = control.request('add_pane', { command: ['x'] }, { signal });
    adding.catch(() => {});
    await until(() => lab.processes.length === 1);
    peer.close();
    await lab.hosts[0]?.closed;
    expect(lab.store.list()).toMatchObject([{ id: 1, clients: 0 }]);
    expect(lab.process.started).toBe(true);
  });
});

describe('a hostile agent', () => {
  async function withAgent(answer: (type: string) => [string, object] | undefined) {
    const [near, far] = peerPair();
    far.addEventListener('datachannel', ({ channel }) => {
      if (channel.label !== '%') return;
      channel.addEventListener('message', ({ data }) => {
        const { message_id, type } = JSON.parse(new TextDecoder().decode(Object(data)));
        const reply = answer(type);
        if (!reply) return;
        const args = { ref: message_id, ...reply[1] };
        channel.send(JSON.stringify({ time: 1, message_id, type: reply[0], args }));
      });
    });
    return { far, near, session: await Session.open(near, { signal, version: '1' }) };
  }

  test.each(['', 'seven', '-1', '1e99', '{}'])('a pane id of %j is a bad message', async (body) => {
    const { near, session } = await withAgent(() => ['ack', { body }]);
    await expect(session.addPane({ command: ['x'] }, { signal })).rejects.toMatchObject({
      code: 'bad-message',
    });
    near.close();
  });

  test.each(['null', '[]', '{"version":1}', 'x'])('a hello of %s is compatible mode', async (body) => {
    const { near, session } = await withAgent(() => ['ack', { body }]);
    expect(await session.remote).toBeUndefined();
    near.close();
  });

  test('channels nobody asked for are closed; those of another form are left alone', async () => {
    const { far, near } = await withAgent(() => undefined);
    const [ours, other] = [far.createDataChannel('99:1'), far.createDataChannel('chat')];
    await until(() => ours.readyState === 'closed');
    expect(other.readyState).toBe('open');
    near.close();
  });
});

const anyArgs = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record(
    {
      command: fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 }), fc.constant(null)),
      rows: fc.oneof(fc.integer(), fc.integer({ min: 1, max: 30 })),
      cols: fc.oneof(fc.integer(), fc.integer({ min: 1, max: 30 })),
      parent: fc.oneof(fc.nat(5), fc.string()),
      env: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue({ maxDepth: 1 })),
      id: fc.oneof(fc.nat(5), fc.double(), fc.string()),
      pane_id: fc.oneof(fc.nat(5), fc.double(), fc.string()),
      sx: fc.integer({ min: -1, max: 2000 }),
      sy: fc.integer({ min: -1, max: 2000 }),
      marker: fc.oneof(fc.nat(), fc.string()),
      payload: fc.jsonValue(),
      data: fc.string(),
      bytes: fc.oneof(fc.nat(), fc.record({ stdout: fc.integer(), stderr: fc.integer() })),
      name: fc.constantFrom('INT', 'TERM', 'USR1', 'NOPE'),
      code: fc.oneof(fc.integer(), fc.constant(null), fc.constantFrom('unsupported', 'lost', '__proto__')),
      signal: fc.oneof(fc.string(), fc.constant(null)),
      version: fc.string(),
      protocol: fc.oneof(fc.integer(), fc.string()),
      channel: fc.oneof(fc.nat(70_000), fc.integer()),
      reason: fc.string(),
      features: fc.array(fc.string()),
    },
    { requiredKeys: [] },
  ),
);
const request: fc.Arbitrary<RawRequest> = fc.record({
  id: fc.nat(),
  type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...Object.keys(COMMANDS)) }, fc.string()),
  args: anyArgs,
});

const isDeclared = (error: unknown) => error instanceof SessionError || error instanceof ControlError;

// Ten thousand cases each take longer on a busy machine than a test may.
describe('fuzz', { timeout: 60_000 }, () => {
  test('the label of a channel', () => {
    const label = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789x,:>%* \0a') }),
      fc
        .tuple(fc.integer(), fc.integer(), fc.string())
        .map(([rows, cols, rest]) => `${rows}x${cols},${rest}`),
    );
    fc.assert(
      fc.property(label, (text) => {
        const purpose = parseLabel(text);
        if (purpose?.kind === 'run') expect(purpose.argv[0]).toBeTruthy();
      }),
      CASES,
    );
  });

  test('the commands an agent serves', async () => {
    await using lab = new Lab();
    const [near] = peerPair();
    const channels = new PaneChannels({
      peer: near,
      panes: lab.store,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      signal,
      onActive: () => {},
    });
    const client = new ClientControl(new ControlChannel(channelPair()[0], COMMANDS), {
      debug() {},
      info() {},
      warn() {},
      error() {},
    });
    const payload = { get: () => '', set: () => {} };
    const info = { version: '1', protocol: 1, features: [] };
    const context = { client, panes: lab.store, payload, channels, info, signal };
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        if (one.type === 'mark') return;
        try {
          expect(typeof (await serveCommand(checkRequest(COMMANDS, one), context))).toBe('string');
        } catch (error) {
          expect(isDeclared(error)).toBe(true);
        }
        for (const process of lab.processes.splice(0)) process.exit();
      }),
      CASES,
    );
    await channels.close();
  });

  test('the commands a client serves', async () => {
    const events = {
      onBye: () => {},
      onExit: async () => {},
      onMarked: async () => {},
      onAccepted: () => {},
      onRefused: () => {},
      onResize: () => {},
      onPayload: () => {},
      clipboard: { read: () => 'x', write: () => {} },
    };
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        try {
          expect(typeof (await serveHost(checkRequest(COMMANDS, one), events))).toBe('string');
        } catch (error) {
          expect(isDeclared(error)).toBe(true);
        }
      }),
      CASES,
    );
  });
});
