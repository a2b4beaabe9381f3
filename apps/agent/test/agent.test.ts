import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Identity } from '@ouro/fingerprint';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { askOnce } from '../src/local/client.ts';
import { connectHttp, testAgent, textOf } from './support/agent.ts';

const { signal } = new AbortController();

describe('an agent', () => {
  test('runs a command for a client that may connect', async () => {
    await using host = await testAgent();
    await using client = await connectHttp(host, host.friend, { signal });
    const pane = await client.session.addPane(
      { command: ['sh', '-c', 'cat; echo oops >&2; exit 7'] },
      { signal },
    );
    await pane.write(Buffer.from('hello'), { signal });
    await pane.end({ signal });
    expect(await textOf(pane.stdout)).toBe('hello');
    expect(await textOf(pane.stderr)).toBe('oops\n');
    expect(await pane.exited).toEqual({ code: 7, signal: null });
  });

  test('gives a pane what the client says of its terminal, and nothing that it may not set', async () => {
    await using host = await testAgent('[env]\naccept = ["LC_*", "COLORTERM"]\n');
    await using client = await connectHttp(host, host.friend, { signal });
    const says = async (env: Record<string, string>) => {
      const command = ['sh', '-c', 'echo "$LC_TIME,$COLORTERM,$LD_PRELOAD"'];
      const pane = await client.session.addPane({ command, env }, { signal });
      return await textOf(pane.stdout);
    };
    expect(await says({ LC_TIME: 'C', COLORTERM: 'yes', LD_PRELOAD: '/none.so' })).toBe('C,yes,\n');
    expect(await says({})).toMatch(/^[^,]*,,\n$/);
  });

  test('runs no label of a channel that is for something else, and says why not', async () => {
    await using host = await testAgent();
    await using client = await connectHttp(host, host.friend, { signal });
    const file = join(host.paths.configDir, 'touched');
    const opening = client.session.openChannel('ouro.forward', { label: `touch ${file}`, signal });
    await expect(opening).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('"ouro.forward"'),
    });
    const bare = client.peer.createDataChannel(`touch,${file}`, { protocol: 'ouro.file' });
    await expect.poll(() => bare.readyState).toBe('closed');
    // The same label without a purpose is an older client's command.
    client.peer.createDataChannel(`touch,${file}-by-label`);
    await expect.poll(() => existsSync(`${file}-by-label`)).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  test('tells who is connected and what runs', async () => {
    await using host = await testAgent();
    await using client = await connectHttp(host, host.friend, { signal });
    const size = { rows: 24, cols: 80 };
    const pane = await client.session.addPane({ command: ['cat'], size }, { signal });
    const status = host.agent.status();
    expect(status).toMatchObject({
      version: '1.2.3',
      fingerprint: host.identity.fingerprint.compact,
      peers: [
        {
          fingerprint: host.friend.fingerprint.compact,
          label: 'friend',
          transport: 'whip',
          state: 'connected',
          version: '9.9.9',
          pair: {
            local: { address: expect.stringMatching(/^127\.|^::1$/), type: 'host', protocol: 'udp' },
            remote: { address: expect.stringMatching(/^127\.|^::1$/) },
          },
        },
      ],
      panes: [{ id: pane.id, command: ['cat'], size, clients: 1 }],
    });
  });

  test('keeps a pane when its client goes, and gives it to the next one', async () => {
    await using host = await testAgent();
    const first = await connectHttp(host, host.friend, { signal });
    const size = { rows: 24, cols: 80 };
    const { id } = await first.session.addPane(
      { command: ['sh', '-c', 'echo marker; read x; exit 4'], size },
      { signal },
    );
    await first[Symbol.asyncDispose]();
    await expect.poll(() => host.agent.status().peers).toEqual([]);
    await using second = await connectHttp(host, host.friend, { signal });
    const pane = await second.session.reconnectPane(id, { signal });
    await pane.write(Buffer.from('\r'), { signal });
    expect(await textOf(pane.stdout)).toContain('marker');
    expect(await pane.exited).toEqual({ code: 4, signal: null });
    await expect.poll(() => host.agent.status().panes).toEqual([]);
  });

  test('acks a marker that an earlier agent gave, and gives the panes of now as snapshots', async () => {
    const marker = await (async () => {
      await using earlier = await testAgent();
      await using client = await connectHttp(earlier, earlier.friend, { signal });
      return await client.session.mark({ signal });
    })();
    await using host = await testAgent();
    await using client = await connectHttp(host, host.friend, { signal });
    const size = { rows: 24, cols: 80 };
    const command = ['sh', '-c', 'echo shown; read x'];
    const { id } = await client.session.addPane({ command, size }, { signal });
    await client.session.setPayload({ layout: 1 }, { signal });
    expect(await client.session.restore(marker, { signal })).toBe('{"layout":1}');
    const pane = await client.session.reconnectPane(id, { signal });
    await pane.write(Buffer.from('\r'), { signal });
    expect(await textOf(pane.stdout)).toContain('shown');
  });

  test('a stranger is refused before any answer', async () => {
    await using host = await testAgent();
    const stranger = await Identity.generate();
    await expect(connectHttp(host, stranger, { signal })).rejects.toMatchObject({ code: 'unauthorized' });
    expect(host.log()).toContain(stranger.fingerprint.compact);
    expect(host.agent.status().peers).toEqual([]);
  });

  test('holds nothing of peers and panes that are gone', async () => {
    await using host = await testAgent();
    const visit = async (): Promise<void> => {
      await using client = await connectHttp(host, host.friend, { signal });
      const size = { rows: 24, cols: 80 };
      const panes = [
        await client.session.addPane({ command: ['true'], size }, { signal }),
        await client.session.addPane({ command: ['true'] }, { signal }),
      ];
      for (const pane of panes) await pane.exited;
    };
    const settled = () => expect.poll(() => host.agent.status()).toMatchObject({ peers: [], panes: [] });
    // What fetch keeps open for its next request, and the loop's own work, come and go by themselves.
    const held = () =>
      process.getActiveResourcesInfo().filter((kind) => /UDP|TTY|Timeout|Pipe|Process/.test(kind));
    await visit();
    await settled();
    const before = held().length;
    for (let number = 0; number < 15; number += 1) await visit();
    await settled();
    // A leak would be fifteen or more; a timer or two are the test's own.
    await expect.poll(() => held().length, { timeout: 5000 }).toBeLessThan(before + 5);
  }, 30_000);

  test('peers have a cap', async () => {
    await using host = await testAgent('[limits]\npeers = 1\n');
    await using _client = await connectHttp(host, host.friend, { signal });
    await expect(connectHttp(host, host.friend, { signal })).rejects.toMatchObject({ code: 'too-many' });
  });

  test('peers of one certificate have a cap', async () => {
    await using host = await testAgent('[limits]\npeers_per_fingerprint = 1\n');
    await using _client = await connectHttp(host, host.friend, { signal });
    await expect(connectHttp(host, host.friend, { signal })).rejects.toMatchObject({
      code: 'too-many',
      message: expect.stringContaining('1 connections to the agent, its limit'),
    });
  });

  test('copies to and pastes from the client used last', async () => {
    await using host = await testAgent();
    const copy = (data: string) =>
      askOnce(host.paths.socket, { type: 'copy', data }, Type.Null(), { signal });
    await expect(copy('nobody')).rejects.toMatchObject({ code: 'no-client' });
    const board = { text: '' };
    const clipboard = {
      read: () => board.text,
      write: (data: string) => {
        board.text = data;
      },
    };
    await using _client = await connectHttp(host, host.friend, { signal, clipboard });
    await expect.poll(() => host.agent.status().peers[0]?.version).toBe('9.9.9');
    await copy('text \u{1F40D}');
    expect(board.text).toBe('text \u{1F40D}');
    board.text = 'other';
    expect(await askOnce(host.paths.socket, { type: 'paste' }, Type.String(), { signal })).toBe('other');
  });

  test('waits for a clipboard as long as the config says', async () => {
    await using host = await testAgent('[timeouts]\nack = 100\n');
    const clipboard = { read: () => new Promise<string>(() => {}), write: () => {} };
    await using _client = await connectHttp(host, host.friend, { signal, clipboard });
    await expect.poll(() => host.agent.status().peers[0]?.version).toBe('9.9.9');
    const paste = askOnce(host.paths.socket, { type: 'paste' }, Type.String(), { signal });
    await expect(paste).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('clipboard'),
    });
  });

  test('tells its clients that it is stopped', async () => {
    await using host = await testAgent();
    await using client = await connectHttp(host, host.friend, { signal });
    const pane = await client.session.addPane({ command: ['cat'] }, { signal });
    const output = textOf(pane.stdout);
    output.catch(() => {});
    pane.exited.catch(() => {});
    await host.agent[Symbol.asyncDispose]();
    await expect(output).rejects.toMatchObject({
      code: 'stopped',
      message: expect.stringContaining('was stopped'),
    });
    await expect(pane.exited).rejects.toMatchObject({ code: 'stopped' });
    expect(client.session.farewell).toMatchObject({ code: 'stopped' });
  });

  test('its log holds nothing that a session carried', async () => {
    await using host = await testAgent();
    const clipboard = { read: () => 'secret-clipboard', write: () => {} };
    await using client = await connectHttp(host, host.friend, { signal, clipboard });
    const size = { rows: 24, cols: 80 };
    const pane = await client.session.addPane(
      { command: ['cat'], size, env: { A: 'secret-env' } },
      { signal },
    );
    await client.session.setPayload('secret-payload', { signal });
    await pane.write(Buffer.from('secret-input\n\u0004'), { signal });
    expect(await textOf(pane.stdout)).toContain('secret-input');
    const log = host.log();
    expect(log).toContain('a peer is connected');
    expect(log).not.toMatch(/secret-|ice-pwd|ice-ufrag|a=candidate|candidate:|BEGIN/);
  });
});
