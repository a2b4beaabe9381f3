import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { PtyProgram } from '../src/programs/pty.ts';

/** What `stty -g` prints. */
const BEFORE = /before=([\da-f:]+)/;
/** A busy machine's time for a test. */
const TEST_MS = 30_000;
const DEAD_AGENT_MS = 15_000;

/** A shell on a terminal of the client's own, in which ouro is started as a person would. */
class Desk implements AsyncDisposable {
  readonly shell: PtyProgram;
  readonly #lab: AgentAndClient;

  constructor(lab: AgentAndClient) {
    this.#lab = lab;
    this.shell = new PtyProgram(['/bin/sh'], { ...lab.client.env, PS1: 'local> ' });
  }

  /** Starts ouro and waits for the far shell; gives its process id. */
  async connect(...args: string[]): Promise<void> {
    const words = this.#lab.ouro(...args).map((word) => `'${word}'`);
    await this.shell.ask(`echo "before=$(stty -g)"; ${words.join(' ')}`, BEFORE);
  }

  /** Waits for the local shell, and checks that the terminal is as it was. Gives the exit code. */
  async back(timeoutMs?: number): Promise<number> {
    await this.shell.until(/local> $/, timeoutMs === undefined ? {} : { timeoutMs });
    const [, code] = await this.shell.ask('echo "code=$?"', /code=(\d+)/);
    const [, after] = await this.shell.ask('echo "after=$(stty -g)"', /after=([\da-f:]+)/);
    const [, before] = BEFORE.exec(this.shell.text) ?? [];
    expect(after).toBe(before);
    return Number(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell[Symbol.asyncDispose]();
  }
}

const FAR = ['--', 'env', 'PS1=far> ', '/bin/sh'];

describe('ouro on a terminal', { timeout: TEST_MS }, () => {
  let lab: AgentAndClient;
  beforeAll(async () => {
    lab = await AgentAndClient.create();
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('shows the far shell, follows the size, and ends with its exit code', async () => {
    await using desk = new Desk(lab);
    await desk.connect(...FAR);
    await desk.shell.until(/far> $/);
    await desk.shell.ask('stty size', /24 80/);
    desk.shell.pty.resize(101, 37);
    await expect.poll(async () => (await desk.shell.ask('stty size', /(\d+ \d+)\r/))[1]).toBe('37 101');
    desk.shell.type('exit 3\r');
    expect(await desk.back()).toBe(3);
  });

  it('sends every control character to the far program', async () => {
    await using desk = new Desk(lab);
    await desk.connect('--', 'sh', '-c', 'stty raw -echo; echo up$((1)); head -c 4 | od -An -tx1; stty sane');
    await desk.shell.until(/up1/);
    desk.shell.type('\x03\x1a\x11\x04');
    await desk.shell.until(/03 1a 11 04/);
    expect(await desk.back()).toBe(0);
  });

  it('goes on after ^S by ^Q, and by no other key', async () => {
    await using desk = new Desk(lab);
    await desk.connect(...FAR);
    await desk.shell.until(/far> $/);
    await desk.shell.ask('stty -a', /-ixany/);
    await desk.shell.until(/far> $/);
    const from = desk.shell.text.length;
    desk.shell.type('echo he$((1))re\x13\r');
    desk.shell.type('echo th$((1))ere\x11\r');
    await desk.shell.until(/th1ere/, { from });
    expect(desk.shell.text.slice(from)).toMatch(/he1re[\s\S]*th1ere/);
    desk.shell.type('exit 0\r');
    expect(await desk.back()).toBe(0);
  });

  it('disconnects by ~. and comes back to the pane by --attach', async () => {
    await using desk = new Desk(lab);
    await desk.connect(...FAR);
    await desk.shell.until(/far> $/);
    await desk.shell.ask('here=$((6*7)); echo "here is $here"', /here is 42/);
    await desk.shell.until(/far> $/);
    desk.shell.type('~?');
    await desk.shell.until(/Supported escape sequences/);
    desk.shell.type('~.');
    const [, pane] = await desk.shell.until(/--attach (\d+)/);
    expect(await desk.back()).toBe(69);
    const from = desk.shell.text.length;
    await desk.connect('--attach', String(pane));
    await desk.shell.until(/here is 42/, { from });
    await desk.shell.ask('echo "still $here"', /still 42/);
    desk.shell.type('exit 4\r');
    expect(await desk.back()).toBe(4);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('gives the terminal back on %s', async (signal, exit) => {
    await using desk = new Desk(lab);
    await desk.connect('--', 'sh', '-c', 'printf "\\033[?1049h\\033[?2004hup$((1))"; exec sleep 60');
    await desk.shell.until(/up1/);
    const from = desk.shell.text.length;
    signalOuro(desk.shell.pty.pid, signal);
    expect(await desk.back()).toBe(exit);
    expect(desk.shell.text.slice(from)).toContain('\x1b[?1049l');
    expect(desk.shell.text.slice(from)).toContain('\x1b[?2004l');
  });

  it('leaves the pane alive when its window is closed, and says how to come back where it still can', async () => {
    const said = join(lab.client.path, 'said');
    for (const attempt of [1, 2, 3]) {
      await using desk = new Desk(lab);
      await desk.shell.ask(`exec 2>${said}; echo "ok$((1))"`, /ok1/);
      await desk.connect(...FAR);
      await desk.shell.until(/far> $/);
      await desk.shell.ask(`echo "window $((${attempt}))"`, new RegExp(`window ${attempt}`));
      desk.shell.hangUp();
      const come = await expect
        .poll(() => readFileSync(said, 'utf8'), { timeout: 10_000 })
        .toMatch(/goes on\. Come back with: ouro --attach \d+ http/)
        .then(() => /--attach (\d+)/.exec(readFileSync(said, 'utf8')));
      await expect.poll(() => lab.peerCount(), { timeout: 10_000 }).toBe(0);
      await using second = new Desk(lab);
      await second.connect('--attach', come?.[1] ?? '');
      await second.shell.until(new RegExp(`window ${attempt}`));
      second.shell.type('exit 0\r');
      expect(await second.back()).toBe(0);
    }
  });

  it.each([['-n'], ['-nt']])('runs in the background with %s, and is not stopped', async (flags) => {
    await using desk = new Desk(lab);
    await desk.shell.ask('set -m; echo ok', /ok/);
    const words = lab.ouro(flags, '--', 'sh', '-c', 'echo up$((1))').map((word) => `'${word}'`);
    await desk.shell.ask(`${words.join(' ')} & wait; echo "over $?"`, /over (?!\$)/);
    expect(desk.shell.text).toMatch(/up1[\s\S]*over 0/);
  });

  it('is stopped by ~^Z and goes on by fg', async () => {
    await using desk = new Desk(lab);
    await desk.shell.ask('set -m; echo ok', /ok/);
    await desk.connect(...FAR);
    await desk.shell.until(/far> $/);
    desk.shell.type('~\x1a');
    await desk.shell.until(/local> $/);
    await desk.shell.ask('echo "I am $((1+1))"', /I am 2/);
    await desk.shell.ask('fg', /ouro/);
    await desk.shell.ask('echo "again $((2+2))"', /again 4/);
    desk.shell.type('exit 0\r');
    expect(await desk.back()).toBe(0);
  });

  it('leaves the pane alive when it is killed, and shows its screen again', async () => {
    await using desk = new Desk(lab);
    await desk.connect('-v', ...FAR);
    await desk.shell.until(/far> $/);
    await desk.shell.ask('echo "pane is $((40+2))"', /pane is 42/);
    signalOuro(desk.shell.pty.pid, 'SIGKILL');
    await desk.shell.until(/Killed/);
    const panes = await lab.panes();
    const pane = panes.at(-1);
    await using second = new Desk(lab);
    await second.connect('--attach', String(pane));
    await second.shell.until(/pane is 42/);
    await second.shell.ask('echo "still $((1+1))"', /still 2/);
    second.shell.type('exit 0\r');
    expect(await second.back()).toBe(0);
  });
});

describe('ouro whose agent is killed', () => {
  it('says so within 15 s and gives the terminal back', async () => {
    await using lab = await AgentAndClient.create();
    await using desk = new Desk(lab);
    await desk.connect(...FAR);
    await desk.shell.until(/far> $/);
    lab.process.child.kill('SIGKILL');
    await desk.shell.until(/was lost/, { timeoutMs: DEAD_AGENT_MS });
    expect(await desk.back()).toBe(69);
  }, 60_000);
});

/** Sends a signal to the ouro that runs in the shell with this process id. */
function signalOuro(shell: number, signal: string): void {
  const children = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
  process.kill(Number(children.at(-1)), signal);
}
