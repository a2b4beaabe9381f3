import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  type Host,
  hostTaking,
  Lab,
  makeLoginKey,
  putAgent,
  putClient,
  type SshdSpec,
  Tmux,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 90_000 });

/** A person who thinks, in ms: longer than the progress line waits (1 s), which is what these tests are about. */
const THINKING_MS = 1_300;

/** A person at a terminal who types slowly, and sees what is on the screen meanwhile. */
class SlowTypist implements AsyncDisposable {
  readonly #tmux: Tmux;

  private constructor(tmux: Tmux) {
    this.#tmux = tmux;
  }

  static async start(laptop: Host, line: string): Promise<SlowTypist> {
    const tmux = await Tmux.start(laptop, { user: 'me', cols: 120, rows: 30 });
    await tmux.shows(/bash-\S+\$/);
    await tmux.type(`clear; ${line}`);
    await tmux.press('Enter');
    return new SlowTypist(tmux);
  }

  /** Answers in two halves; the question and what was typed have to stay on the screen. */
  async answers(question: RegExp, answer: string, echo: string = ''): Promise<void> {
    await this.#tmux.shows(question);
    const shown = await this.#thinks();
    expect(shown).toMatch(question);
    const half = Math.ceil(answer.length / 2);
    await this.#tmux.type(answer.slice(0, half));
    const expected = echo === '' ? shown : `${shown}${echo.slice(0, half)}`;
    expect((await this.#thinks()).replace(/ /g, '')).toBe(expected.replace(/ /g, ''));
    await this.#tmux.type(answer.slice(half));
    await this.#tmux.press('Enter');
  }

  shows(pattern: RegExp): Promise<string> {
    return this.#tmux.shows(pattern);
  }

  async #thinks(): Promise<string> {
    await delay(THINKING_MS);
    return (await this.#tmux.screen()).trimEnd();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#tmux[Symbol.asyncDispose]();
  }
}

const makeLab = async (sshd: SshdSpec): Promise<Lab> => {
  const lab = await Lab.create({
    hosts: { laptop: { users: { me: {} } }, box: { users: { ada: { password: 'hunter2' } }, sshd } },
    links: [{ between: ['laptop', 'box'] }],
  });
  await putClient(lab.host('laptop'));
  await putAgent(lab.host('box'), { home: 'ada' });
  return lab;
};

const ANY_HOST = /continue connecting \(yes\/no\S*\)\?\s*$/;
const PASSWORD = /ada@box's password:\s*$/;
const FAR = `ada@box -- sh -c 'echo "at $(hostname)"'`;

describeLab('a question on the terminal stays there until it is answered', ['tmux'], () => {
  it.for([
    ['of our own SSH', 'ouro'],
    ['of our own SSH, without notices', 'ouro -q'],
    ["of the system's ssh", 'ouro --ssh-program ssh'],
    ['of plain SSH', 'ouro --ssh'],
  ] as const)('the host key and the password %s', async ([_name, ouro]) => {
    await using lab = await makeLab({ password: true });
    await using typist = await SlowTypist.start(lab.host('laptop'), `${ouro} ${FAR}`);
    await typist.answers(ANY_HOST, 'yes', 'yes');
    await typist.answers(PASSWORD, 'hunter2');
    await typist.shows(/at box/);
  });

  it('a one-time code', async () => {
    await using lab = await makeLab({ otp: '123456' });
    await using typist = await SlowTypist.start(lab.host('laptop'), `ouro ${FAR}`);
    await typist.answers(ANY_HOST, 'yes', 'yes');
    await typist.answers(/Password:\s*$/, '123456');
    await typist.shows(/at box/);
  });

  it('of a ProxyCommand, which asks on the terminal by itself', async () => {
    await using lab = await makeLab({ password: true });
    const laptop = lab.host('laptop');
    const inner = 'ssh -o UserKnownHostsFile=/dev/null -W localhost:22 ada@box';
    await laptop.writeHome('me', 'proxy.conf', `Host box\n  ProxyCommand ${inner}\n`);
    const run = `ouro -F ~/proxy.conf -o UserKnownHostsFile=~/.ssh/ours ${FAR}`;
    await using typist = await SlowTypist.start(laptop, run);
    await typist.answers(ANY_HOST, 'yes', 'yes');
    await typist.answers(PASSWORD, 'hunter2');
    await typist.answers(ANY_HOST, 'yes', 'yes');
    await typist.answers(PASSWORD, 'hunter2');
    await typist.shows(/at box/);
  });

  it('a passphrase, and whether the agent shall know this client', async () => {
    const key = await makeLoginKey('open sesame');
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    await putAgent(lab.host('box'), { home: 'ada' });
    await using typist = await SlowTypist.start(laptop, `ouro --authorize ${FAR}`);
    await typist.answers(/Enter passphrase for key '.*id_ed25519':\s*$/, 'open sesame');
    await typist.answers(/without SSH from now\s+on\? \(yes\/no\)\s*$/, 'yes', 'yes');
    await typist.shows(/lets this client in[\s\S]*at box/);
  });
});
