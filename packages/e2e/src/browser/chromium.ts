import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { whereIs } from '../lab/requirements.ts';
import { BROWSER_TIMEOUT_MS, CHROMIUM_ARGS, WINDOW } from './constants.ts';
import { PageServer } from './page-server.ts';

/** A real browser without a window, with a new profile, and the pages it can open. All gone on dispose. */
export class Chromium implements AsyncDisposable {
  readonly #pages: PageServer;
  readonly #profile: string;
  readonly #args: readonly string[];
  #context: BrowserContext;
  /** What pages said went wrong: exceptions and console errors. */
  readonly problems: string[] = [];

  private constructor(pages: PageServer, profile: string, args: readonly string[], context: BrowserContext) {
    this.#pages = pages;
    this.#profile = profile;
    this.#args = args;
    this.#context = context;
  }

  /** `args`: more of its command line. */
  static async launch(args: readonly string[] = []): Promise<Chromium> {
    await using cleanup = new AsyncDisposableStack();
    const pages = cleanup.use(await PageServer.start());
    const profile = await mkdtemp(join(tmpdir(), 'ouro-chromium-'));
    cleanup.defer(() => remove(profile));
    const browser = new Chromium(pages, profile, args, await openContext(profile, args));
    cleanup.move();
    return browser;
  }

  /** Opens a page in a tab of its own. */
  async open(name: 'shell' | 'channels' | 'terminal7', query: Record<string, string> = {}): Promise<Page> {
    const page = await this.#context.newPage();
    page.setDefaultTimeout(BROWSER_TIMEOUT_MS);
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(`${this.#pages.origin}/${name}?${new URLSearchParams(query)}`);
    return page;
  }

  /** Ends the browser and starts it again with the same profile. */
  async restart(): Promise<void> {
    await this.#context.close();
    this.#context = await openContext(this.#profile, this.#args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await this.#pages[Symbol.asyncDispose]();
    await remove(this.#profile);
  }
}

function openContext(profile: string, args: readonly string[]): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: whereIs('chromium') ?? 'chromium',
    args: [...CHROMIUM_ARGS, ...args],
    headless: true,
    viewport: WINDOW,
    timeout: BROWSER_TIMEOUT_MS,
  });
}

/** The browser's last helpers may still write into it. */
function remove(profile: string): Promise<void> {
  return rm(profile, { recursive: true, force: true, maxRetries: 10 });
}
