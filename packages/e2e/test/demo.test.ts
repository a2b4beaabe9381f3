import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { describeLab, Lab, Tmux } from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const DEMO = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));
/** The demo takes its time to end its agent and its client, in ms. */
const END_MS = 20_000;

describeLab('the demo', ['tmux'], () => {
  it('leaves nothing in the temporary folder when its shell ends, or its window is closed', async () => {
    await using lab = await Lab.create({ hosts: { laptop: { users: { me: {} } } } });
    const laptop = lab.host('laptop');
    await laptop.must('mkdir ~/tmp', { user: 'me' });
    const start = async (): Promise<Tmux> => {
      const env = { TMPDIR: '/home/me/tmp', SHELL: '/bin/sh' };
      const command = `${process.execPath} ${DEMO}`;
      const tmux = await Tmux.start(laptop, { user: 'me', command, env });
      await tmux.shows(/Connected over[\s\S]*\$\s*$/);
      return tmux;
    };
    const left = () => laptop.must('ls ~/tmp', { user: 'me' });
    const closed = await start();
    expect(await left()).toMatch(/^ouro-demo-\w+\n$/);
    await closed[Symbol.asyncDispose]();
    await expect.poll(left, { timeout: END_MS }).toBe('');
    await using ended = await start();
    await ended.type('exit');
    await ended.press('Enter');
    await expect.poll(left, { timeout: END_MS }).toBe('');
  });
});
