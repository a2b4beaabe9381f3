import type { JSHandle } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chromium } from '../src/browser/chromium.ts';
import { BROWSER_TIMEOUT_MS } from '../src/browser/constants.ts';
import { describeChromium } from '../src/browser/describe-chromium.ts';
import type { CompatibleClient, Reply } from '../src/browser/page/terminal7.ts';
import { until } from '../src/lab/until.ts';
import { AgentAndClient } from '../src/programs/agent.ts';
import { OURO_AGENT } from '../src/programs/paths.ts';

type Client = JSHandle<CompatibleClient>;

const SIZE = { rows: 24, cols: 80 };

describeChromium('a page that speaks the compatible forms', () => {
  let lab: AgentAndClient;
  let browser: Chromium;
  beforeAll(async () => {
    [lab, browser] = await Promise.all([AgentAndClient.create(), Chromium.launch()]);
    const page = await browser.open('terminal7');
    await lab.authorize(await page.evaluate(() => window.terminal7.fingerprint()));
    await page.close();
  }, BROWSER_TIMEOUT_MS);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  const eventually = <Value>(look: () => Promise<Value | false | undefined>, what: string): Promise<Value> =>
    until(look, { timeoutMs: BROWSER_TIMEOUT_MS, what });

  /** A client in a tab of its own, which goes with it. */
  const newClient = async (): Promise<Client & AsyncDisposable> => {
    const page = await browser.open('terminal7');
    const client = await page.evaluateHandle((url) => window.terminal7.client(url), lab.url);
    const dispose = async (): Promise<void> => {
      await client.evaluate((one) => one.close());
      await page.close();
    };
    return Object.assign(client, { [Symbol.asyncDispose]: dispose });
  };

  const connected = async (): Promise<Client & AsyncDisposable> => {
    const client = await newClient();
    await client.evaluate((one) => one.connect());
    return client;
  };

  const command = (client: Client, type: string, args: object = {}): Promise<Reply> =>
    client.evaluate((one, [name, values]) => one.command(name, values), [type, args] as const);

  /** The body of the ack. */
  const done = async (client: Client, type: string, args: object = {}): Promise<string> => {
    const reply = await command(client, type, args);
    expect(reply).toHaveProperty('ack');
    return 'ack' in reply ? reply.ack : '';
  };

  /** Runs a command in a pane, and gives the pane's id and the label of its channel. */
  const paneOf = async (
    client: Client,
    type: string,
    args: object,
  ): Promise<{ id: number; label: string }> => {
    const id = Number(await done(client, type, args));
    return { id, label: `${await client.evaluate((one) => one.lastId)}:${id}` };
  };

  const shows = (client: Client, label: string, pattern: RegExp): Promise<string> =>
    eventually(async () => {
      const text = (await client.evaluate((one, name) => one.channel(name)?.text, label)) ?? '';
      return pattern.test(text) && text;
    }, `${pattern} on ${label}`);

  const closes = (client: Client, label: string): Promise<boolean> =>
    eventually(
      () => client.evaluate((one, name) => one.channel(name)?.state === 'closed', label),
      `the end of ${label}`,
    );

  const type = (client: Client, label: string, text: string): Promise<void> =>
    client.evaluate((one, [name, typed]) => one.type(name, typed), [label, text] as const);

  it('connects from another origin, with JSON candidates labelled as SDP, to Location as it is', async () => {
    await using client = await connected();
    const requests = await eventually(async () => {
      const sent = await client.evaluate((one) => one.sent);
      return sent.length > 1 && sent;
    }, 'the requests');
    expect(requests[0]).toEqual({ method: 'POST', status: 201 });
    for (const request of requests.slice(1)) expect(request).toEqual({ method: 'PATCH', status: 204 });
  });

  it('runs the login shell in a pane, types in text frames, resizes, and sees it end', async () => {
    await using client = await connected();
    const { id, label } = await paneOf(client, 'add_pane', { command: '*', ...SIZE, parent: 0 });
    await type(client, label, 'echo "it is $((40 + 2))"; stty size\r');
    await shows(client, label, /it is 42\r\n24 80\r\n/);
    expect(await done(client, 'resize', { pane_id: id, sx: 100, sy: 30 })).toBe('');
    await type(client, label, 'stty size; echo "$TERM $COLORTERM"\r');
    await shows(client, label, /30 100\r\nxterm-256color truecolor\r\n/);
    await type(client, label, 'cd /tmp; echo "at $PWD"\r');
    await shows(client, label, /at \/tmp\r\n/);
    const child = await paneOf(client, 'add_pane', { command: ['pwd'], ...SIZE, parent: id });
    await shows(client, child.label, /\/tmp\r\n/);
    await closes(client, child.label);
    await type(client, label, 'exit\r');
    await closes(client, label);
    expect(await command(client, 'reconnect_pane', { id })).toHaveProperty('nack');
  });

  it('is told no command that only our own clients know', async () => {
    await using client = await connected();
    const { label } = await paneOf(client, 'add_pane', { command: ['sh', '-c', 'echo out; echo err >&2'] });
    await closes(client, label);
    await shows(client, label, /out\nerr\n|err\nout\n/);
    expect(await client.evaluate((one) => one.told)).toEqual([]);
  });

  it('keeps a payload that is given with a capital, and tells the other clients', async () => {
    await using one = await connected();
    await using other = await connected();
    const layout = { panes: [{ id: 1, at: 'ü' }], active: null };
    const body = await done(one, 'set_payload', { Payload: layout });
    expect(JSON.parse(body)).toEqual(layout);
    expect(JSON.parse(await done(other, 'get_payload'))).toEqual(layout);
    const told = await eventually(async () => {
      const messages = await other.evaluate((client) => client.told);
      return messages.find((message) => message.type === 'set_payload');
    }, 'the payload');
    expect(told.args).toEqual({ payload: layout });
    expect(await one.evaluate((client) => client.told)).toEqual([]);
    await done(other, 'set_payload', { payload: layout });
  });

  it('tells the other client of a new size, and takes its input', async () => {
    await using one = await connected();
    await using other = await connected();
    const { id, label } = await paneOf(one, 'add_pane', { command: ['cat'], ...SIZE });
    const shared = await paneOf(other, 'reconnect_pane', { id });
    await done(one, 'resize', { pane_id: id, sx: 90, sy: 20 });
    const told = await eventually(async () => {
      const messages = await other.evaluate((client) => client.told);
      return messages.find((message) => message.type === 'resize');
    }, 'the size');
    expect(told.args).toEqual({ pane_id: id, sx: 90, sy: 20 });
    await type(other, shared.label, 'from the other\r');
    await shows(one, label, /from the other\r\nfrom the other\r\n/);
    await shows(other, shared.label, /from the other\r\nfrom the other\r\n/);
    await type(one, label, '\u0004');
    await closes(one, label);
    await closes(other, shared.label);
  });

  it('comes back to what was shown after its mark, and with one that nobody knows to a snapshot of the screen', async () => {
    const marked = await (async () => {
      await using client = await connected();
      const { id, label } = await paneOf(client, 'add_pane', { command: ['cat'], ...SIZE });
      await type(client, label, 'before\r');
      await shows(client, label, /before\r\nbefore\r\n/);
      await done(client, 'set_payload', { Payload: { kept: true } });
      const marker = await done(client, 'mark');
      expect(marker).toMatch(/^\d+$/);
      await type(client, label, 'after\r');
      await shows(client, label, /after\r\nafter\r\n/);
      return { id, marker: Number(marker) };
    })();
    await using again = await connected();
    expect(JSON.parse(await done(again, 'restore', { marker: marked.marker }))).toEqual({ kept: true });
    const { label } = await paneOf(again, 'reconnect_pane', { id: marked.id });
    expect(await shows(again, label, /after\r\nafter\r\n/)).not.toContain('before');
    await using fresh = await connected();
    // Of an agent that was restarted since, for instance.
    expect(JSON.parse(await done(fresh, 'restore', { marker: 99_999 }))).toEqual({ kept: true });
    const snapshot = await paneOf(fresh, 'reconnect_pane', { id: marked.id });
    expect(await shows(fresh, snapshot.label, /after.*after/s)).toMatch(/before.*before/s);
    await type(fresh, snapshot.label, '\u0004');
    await closes(again, label);
  });

  it('gives and takes the clipboard', async () => {
    await using client = await connected();
    const words = OURO_AGENT.map((word) => `'${word}'`).join(' ');
    await client.evaluate((one) => {
      one.clipboard = 'from the user';
    });
    const script = `${words} paste; printf %s 'from the host' | ${words} copy; echo done`;
    const { label } = await paneOf(client, 'add_pane', { command: ['sh', '-c', script], ...SIZE });
    expect(await shows(client, label, /done\r\n/)).toBe('from the userdone\r\n');
    expect(await client.evaluate((one) => one.clipboard)).toBe('from the host');
    await closes(client, label);
  });

  it('is refused in words what it asks wrongly, and goes on', async () => {
    await using client = await connected();
    for (const [name, args] of [
      ['no_such_command', {}],
      ['reconnect_pane', { id: 99_999 }],
      ['resize', { pane_id: 99_999, sx: 1, sy: 1 }],
      ['add_pane', { command: 7 }],
    ] as const) {
      const reply = await command(client, name, args);
      expect('nack' in reply && reply.nack, name).toMatch(/\w+ \w+/);
    }
    await done(client, 'get_payload');
  });

  it('connects in the oldest form, and runs commands that are labels', async () => {
    await using client = await newClient();
    await client.evaluate((one) => one.connectOldest());
    expect(await client.evaluate((one) => one.sent)).toEqual([{ method: 'POST', status: 200 }]);
    const open = (label: string): Promise<void> =>
      client.evaluate((one, name) => one.openLabelled(name), label);
    await open('echo,hi');
    await shows(client, 'echo,hi', /^hi\n$/);
    await closes(client, 'echo,hi');
    const before = await lab.panes();
    await open('24x80,cat,-u');
    const [id] = await eventually(async () => {
      const panes = (await lab.panes()).filter((pane) => !before.includes(pane));
      return panes.length === 1 && panes;
    }, 'the pane');
    await eventually(
      () => client.evaluate((one) => one.channel('24x80,cat,-u')?.state === 'open'),
      'the channel',
    );
    await type(client, '24x80,cat,-u', 'old\r');
    await shows(client, '24x80,cat,-u', /old\r\nold\r\n/);
    await open(`>${id}`);
    await shows(client, `>${id}`, /old.*old/s);
    await type(client, `>${id}`, '\u0004');
    await closes(client, '24x80,cat,-u');
  });

  it('leaves nothing behind, and met no fault in a page', async () => {
    await eventually(async () => (await lab.peerCount()) === 0, 'the agent to be alone');
    expect(await lab.panes()).toEqual([]);
    expect(browser.problems).toEqual([]);
  });
});
