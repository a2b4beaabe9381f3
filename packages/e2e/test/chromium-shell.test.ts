import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chromium } from '../src/browser/chromium.ts';
import { BROWSER_TIMEOUT_MS, WITHOUT_UDP } from '../src/browser/constants.ts';
import { describeChromium } from '../src/browser/describe-chromium.ts';
import { until } from '../src/lab/until.ts';
import { AgentAndClient } from '../src/programs/agent.ts';

const BULK_BYTES = 20 * 1024 * 1024;

/** An agent that does not wait long, in ms, for the return of a client that has gone without a word. */
const IMPATIENT = '[timeouts]\nfailed = 2000\n';

describeChromium('a page that is a terminal', () => {
  let lab: AgentAndClient;
  let browser: Chromium;
  beforeAll(async () => {
    [lab, browser] = await Promise.all([AgentAndClient.create({ config: IMPATIENT }), Chromium.launch()]);
    const page = await open();
    await lab.authorize(await page.evaluate(() => window.shell.fingerprint()));
    await page.close();
  }, BROWSER_TIMEOUT_MS);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  const open = (query: Record<string, string> = {}): Promise<Page> =>
    browser.open('shell', { agent: lab.url, ...query });

  /** Opens a page and presses Connect. */
  const connected = async (query: Record<string, string> = {}): Promise<Page> => {
    const page = await open(query);
    await page.click('#go');
    await stateIs(page, /^Pane \d+ of /);
    return page;
  };

  const stateIs = async (page: Page, state: RegExp): Promise<void> => {
    const alert = page.getByRole('alert');
    const seen = page.getByRole('status').filter({ hasText: state });
    await seen.or(alert).first().waitFor();
    expect((await alert.isVisible()) ? await alert.textContent() : 'no error').toBe('no error');
  };

  const shows = (page: Page, text: string | RegExp): Promise<string> =>
    until(
      async () => {
        const shown = await page.evaluate(() => window.shell.text());
        return (typeof text === 'string' ? shown.includes(text) : text.test(shown)) && shown;
      },
      { timeoutMs: BROWSER_TIMEOUT_MS, what: `${text}` },
    );

  const type = async (page: Page, line: string): Promise<void> => {
    await page.keyboard.type(`${line}\n`);
  };

  /** The agent has let go of everybody, and no shell is left. */
  const isAlone = async (): Promise<void> => {
    const alone = async (): Promise<boolean> =>
      (await lab.peerCount()) === 0 && (await lab.panes()).length === 0;
    await until(alone, { timeoutMs: BROWSER_TIMEOUT_MS, what: 'the agent to be alone' });
  };

  /** Ends the shell and the connection. */
  const finish = async (page: Page): Promise<void> => {
    await type(page, 'exit');
    await stateIs(page, /^The shell ended with code 0$/);
    await page.click('#leave');
    await stateIs(page, /^Not connected$/);
    await isAlone();
    await page.close();
  };

  it('says whom to let in, and the same page is let in', async () => {
    await using stranger = await Chromium.launch();
    const page = await stranger.open('shell', { agent: lab.url });
    await page.click('#go');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    const own = await page.evaluate(() => window.shell.fingerprint());
    expect(own).toMatch(/^[0-9A-F]{64}$/);
    expect(await alert.textContent()).toContain(`ouro-agent client add ${own}`);
    expect(await lab.peerCount()).toBe(0);
    await lab.authorize(own);
    await page.click('#go');
    await stateIs(page, /^Pane \d+ of /);
    expect(await alert.isVisible()).toBe(false);
    await finish(page);
  });

  it.for(['yes', 'no'])('gives a shell, with trickle: %s', async (trickle) => {
    const page = await connected({ trickle });
    await type(page, 'echo "it is $((40 + 2))"; stty size');
    const { rows, cols } = await page.evaluate(() => window.shell.size());
    await shows(page, `it is 42\n${rows} ${cols}\n`);
    await type(page, 'exit 7');
    await stateIs(page, /^The shell ended with code 7$/);
    await page.click('#leave');
    await stateIs(page, /^Not connected$/);
    await isAlone();
    await page.close();
  });

  it('follows the size of the window', async () => {
    const page = await connected();
    const before = await page.evaluate(() => window.shell.size());
    await page.setViewportSize({ width: 700, height: 400 });
    const after = await until(
      async () => {
        const size = await page.evaluate(() => window.shell.size());
        return size.cols < before.cols && size.rows < before.rows && size;
      },
      { timeoutMs: BROWSER_TIMEOUT_MS, what: 'a smaller terminal' },
    );
    await type(page, 'stty size');
    await shows(page, `${after.rows} ${after.cols}\n`);
    await finish(page);
  });

  it('is the same client after a reload, and in the next run of the browser', async () => {
    const page = await open();
    const own = await page.evaluate(() => window.shell.fingerprint());
    await page.reload();
    expect(await page.evaluate(() => window.shell.fingerprint())).toBe(own);
    await page.close();
    const [one, other] = await Promise.all([open(), open()]);
    expect(await one.evaluate(() => window.shell.fingerprint())).toBe(own);
    expect(await other.evaluate(() => window.shell.fingerprint())).toBe(own);
    await browser.restart();
    const again = await connected();
    expect(await again.evaluate(() => window.shell.fingerprint())).toBe(own);
    await finish(again);
  });

  it('comes back to its pane after a reload', async () => {
    const page = await connected();
    await type(page, 'kept="still here"; echo "set"');
    await shows(page, /\nset/);
    const [pane] = await lab.panes();
    await page.goto(`${page.url()}&pane=${pane}`);
    await page.click('#go');
    await stateIs(page, /^Pane \d+ of /);
    await type(page, 'echo "it is $kept"');
    await shows(page, 'it is still here');
    await finish(page);
  });

  it('shows one pane in two tabs, takes input from both, and has one size in both', async () => {
    const one = await connected();
    await type(one, 'echo "from $((1))"');
    await shows(one, 'from 1');
    const [pane] = await lab.panes();
    const two = await connected({ pane: String(pane) });
    await shows(two, 'from 1');
    await two.bringToFront();
    await type(two, 'echo "from $((2))"');
    await shows(two, 'from 2');
    await shows(one, 'from 2');
    await two.setViewportSize({ width: 640, height: 480 });
    const size = async (page: Page): Promise<string> =>
      JSON.stringify(await page.evaluate(() => window.shell.size()));
    await until(async () => (await size(one)) === (await size(two)), {
      timeoutMs: BROWSER_TIMEOUT_MS,
      what: 'one size',
    });
    await type(two, 'exit 3');
    await stateIs(one, /^The shell ended with code 3$/);
    await stateIs(two, /^The shell ended with code 3$/);
    await Promise.all([one.close(), two.close()]);
    await isAlone();
  });

  it('carries 20 MB to a program and back, byte for byte', async () => {
    const page = await connected();
    const echo = await page.evaluate((bytes) => window.shell.bulk(['cat'], bytes, 5), BULK_BYTES);
    expect(echo).toMatchObject({ code: 0, outputBytes: BULK_BYTES, output: echo.input });
    const counted = await page.evaluate(
      (bytes) => window.shell.bulk(['sh', '-c', 'sha256sum | head -c 64; exit 9'], bytes, 6),
      BULK_BYTES,
    );
    expect(counted).toMatchObject({ code: 9, outputBytes: 64, text: counted.input });
    await finish(page);
  });

  it('shows much output in the terminal and can be typed into afterwards', async () => {
    const page = await connected();
    await type(page, 'seq 1 200000; echo "and $((1 + 1))"');
    expect(await shows(page, /\nand 2\n/)).toMatch(/\n199999\n200000\nand 2\n/);
    await finish(page);
  });

  it('leaves its shell running when its tab is closed, and is no peer any more', async () => {
    const page = await connected();
    await page.close();
    const gone = async (): Promise<boolean> => (await lab.peerCount()) === 0;
    await until(gone, { timeoutMs: BROWSER_TIMEOUT_MS, what: 'the agent to notice' });
    const [pane] = await lab.panes();
    const again = await connected({ pane: String(pane) });
    await finish(again);
  });

  it('restarts ICE in the middle of much output, and loses no line', async () => {
    const page = await connected();
    await type(page, 'seq 1 100000; echo "and $((1 + 1))"');
    const used = [await page.evaluate(async () => (await window.shell.path()).ufrag)];
    for (let round = 0; round < 2; round += 1) {
      await page.evaluate(() => window.shell.restart());
      // What a browser tells of its path may be a moment old.
      const look = async (): Promise<string | false | undefined> => {
        const { ufrag } = await page.evaluate(() => window.shell.path());
        return !used.includes(ufrag) && ufrag;
      };
      used.push(await until(look, { timeoutMs: BROWSER_TIMEOUT_MS, what: 'the path of the new generation' }));
    }
    expect(await shows(page, /\nand 2\n/)).toMatch(/\n99999\n100000\nand 2\n/);
    const bulk = page.evaluate((bytes) => window.shell.bulk(['cat'], bytes, 9), BULK_BYTES);
    await page.evaluate(() => window.shell.restart());
    const echo = await bulk;
    expect(echo).toMatchObject({ code: 0, outputBytes: BULK_BYTES, output: echo.input });
    await finish(page);
  });

  it('uses TCP where UDP is blocked', async () => {
    await using walled = await Chromium.launch(WITHOUT_UDP);
    const page = await walled.open('shell', { agent: lab.url });
    await lab.authorize(await page.evaluate(() => window.shell.fingerprint()));
    await page.click('#go');
    await stateIs(page, /^Pane \d+ of /);
    expect(await page.evaluate(() => window.shell.path())).toMatchObject({ protocol: 'tcp' });
    await type(page, 'echo "it is $((40 + 2))"');
    await shows(page, 'it is 42');
    const echo = await page.evaluate((bytes) => window.shell.bulk(['cat'], bytes, 5), BULK_BYTES);
    expect(echo).toMatchObject({ code: 0, outputBytes: BULK_BYTES, output: echo.input });
    await page.evaluate(() => window.shell.restart());
    expect(await page.evaluate(() => window.shell.path())).toMatchObject({ protocol: 'tcp' });
    expect(walled.problems).toEqual([]);
    await finish(page);
  });

  it('is a page that one likes to look at', async () => {
    const page = await connected();
    await type(page, 'PS1="ada@box:\\w$ "; clear');
    await type(page, 'ls -la --color=always / | head -16');
    await type(
      page,
      'for i in 1 2 3 4 5 6 7; do printf "\\033[3"$i"mcolour $i \\033[9"$i"mbright \\033[0m"; done; echo äöü€',
    );
    await shows(page, /bright äöü€\n/);
    // Always the same file, for a person who wants to see it.
    const image = await page.screenshot({ path: join(tmpdir(), `ouro-shell-${process.getuid?.()}.png`) });
    expect(image.length).toBeGreaterThan(10_000);
    await finish(page);
  });

  it('met no fault in a page', () => {
    expect(browser.problems).toEqual([]);
  });
});
