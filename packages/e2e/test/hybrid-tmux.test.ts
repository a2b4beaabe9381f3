import { expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  hostTaking,
  Lab,
  makeLoginKey,
  putClient,
  putNode,
  Tmux,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 90_000 });

describeLab('a new user in tmux', ['tmux'], () => {
  it('logs in where no agent is, installs one, and comes back over WebRTC', async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'box');
    await laptop.must('rm ~/.ssh/known_hosts', { user: 'me' });
    await putClient(laptop);
    await putNode(lab.host('box'));
    await using tmux = await Tmux.start(laptop, { user: 'me', cols: 100, rows: 30 });
    const enter = async (text: string): Promise<void> => {
      await tmux.type(text);
      await tmux.press('Enter');
    };
    await tmux.shows(/bash-\S+\$/);
    await enter('ouro ada@box');
    await tmux.shows(/continue connecting \(yes\/no/);
    await enter('yes');
    await tmux.shows(/no agent[\s\S]*plain SSH[\s\S]*ada@box:~\$/);
    await enter('echo "by ssh: $(printenv SSH_CONNECTION | wc -l)"; exit');
    await tmux.shows(/by ssh: 1[\s\S]*bash-\S+\$/);
    await enter('clear; ouro install ada@box');
    await tmux.shows(/Installed agent-[\s\S]*bash-\S+\$/);
    await enter('clear; ouro ada@box');
    await tmux.shows(/ada@box:~\$/);
    await enter('echo "by ssh: $(printenv SSH_CONNECTION | wc -l)"; stty size');
    await tmux.shows(/by ssh: 0\n30 100/);
    await tmux.resize(20, 70);
    // The new size goes by another channel than what is typed, and may come after it.
    await enter('clear; until stty size | grep "^20 70"; do sleep 0.1; done');
    await tmux.shows(/^20 70$/m);
    await tmux.press('C-d');
    await tmux.shows(/bash-\S+\$\s*$/);
    await enter('stty -a | grep -c " icanon.* echo "; echo "code=$?"');
    expect(await tmux.shows(/code=\d/)).toMatch(/code=0/);
  });
});
