import { expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  hostTaking,
  Lab,
  makeLoginKey,
  putAgent,
  putClient,
  Tmux,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 90_000 });

const NOTICE = /path to ada@box lost \d+ s ago/;
/** Neither the notice nor anything after the last prompt. */
const PROMPT_ONLY = /ada@box:~\$\s*$/;

describeLab('the notice of a path that is gone', ['tmux'], () => {
  it('takes nothing from the screen, and goes with the path and with the session', async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const [laptop, box] = [lab.host('laptop'), lab.host('box')];
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    await putAgent(box, { home: 'ada' });
    await using tmux = await Tmux.start(laptop, {
      user: 'me',
      cols: 100,
      rows: 12,
      command: 'ouro ada@box; bash --norc',
    });
    await tmux.shows(PROMPT_ONLY);
    const agent = (signal: string) =>
      box.must(
        `kill -${signal} $(~/.local/bin/ouro-agent status --json | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*$' >~/pid; cat ~/pid)`,
        { user: 'ada' },
      );
    const goesOnAfter = async (typed: string, shown: RegExp): Promise<[before: string, after: string]> => {
      await tmux.type(typed);
      await tmux.press('Enter');
      const before = await tmux.shows(shown);
      await agent('STOP');
      const during = await tmux.shows(NOTICE, 15_000);
      expect(during).toContain(before.trimEnd().split('\n').at(-1));
      await box.must('kill -CONT $(cat ~/pid)', { user: 'ada' });
      return [before, await tmux.shows(shown)];
    };

    const [before, after] = await goesOnAfter('clear; echo "first$((1))"', /^first1\n.*\$\s*$/);
    expect(after).toBe(before);

    // At the bottom the screen scrolls by the one line of the notice: its first row is where all older ones are.
    const [full, scrolled] = await goesOnAfter('seq 30', /\n30\n.*\$\s*$/);
    expect(scrolled.trimEnd()).toBe(full.split('\n').slice(1).join('\n').trimEnd());

    await agent('KILL');
    const end = await tmux.shows(/was lost[\s\S]*bash-\S+\$/, 30_000);
    expect(end).not.toMatch(NOTICE);
  });
});
