import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeLab, giveKey, hostTaking, Lab, makeLoginKey, putAgent } from '../src/lab/index.ts';

const CLIENT = fileURLToPath(new URL('../src/programs/accept-client.ts', import.meta.url));
const RUNS = 200;
const AT_ONCE = 4;

describeLab('accept on a pty, by a client of another make', [], () => {
  it(`completes ${RUNS} times in a row, offers of 40 KB cut at random bytes`, {
    timeout: 180_000,
  }, async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: {
        laptop: { users: { me: {} } },
        box: hostTaking(key, { sshd: { config: ['MaxSessions 100'] } }),
      },
      links: [{ between: ['laptop', 'box'] }],
    });
    const [laptop, box] = [lab.host('laptop'), lab.host('box')];
    await giveKey(lab, laptop, 'me', key, 'box');
    await putAgent(box, { home: 'ada' });
    // One login for all: it is `accept` that is tried here.
    const master = ['-o', 'ControlPath=~/.ssh/%C', '-o', 'ControlMaster=auto', '-o', 'ControlPersist=30'];
    await laptop.must(['ssh', ...master, 'ada@box', 'true'], { user: 'me' });
    const command = [process.execPath, '--conditions=ouro-source', CLIENT, String(RUNS / AT_ONCE)];
    const one = () =>
      laptop.exec([...command, ...master, 'ada@box', '/home/ada/.local/bin/ouro-agent accept'], {
        user: 'me',
        timeoutMs: 170_000,
      });
    const runs = await Promise.all(Array.from({ length: AT_ONCE }, one));
    for (const { stderr } of runs) expect(stderr).toBe('');
    expect(runs.map(({ stdout }) => stdout).join('')).toBe('ok\n'.repeat(RUNS));
    const status = JSON.parse(await box.must('~/.local/bin/ouro-agent status --json', { user: 'ada' }));
    expect(status.panes).toEqual([]);
  });
});
