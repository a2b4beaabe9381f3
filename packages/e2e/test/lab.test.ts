import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it, vi } from 'vitest';
import { describeLab, Lab, must, putNode, run, sweep, until } from '../src/lab/index.ts';
import { NODE } from '../src/programs/paths.ts';

vi.setConfig({ testTimeout: 40_000 });

/** Time of one round trip in ms: how long a closed port takes to refuse. NaN when nothing comes back within 1 s. */
const ROUND_TRIP = `
const { connect } = require('node:net');
const start = performance.now();
const socket = connect(1, process.argv[1]);
socket.on('error', () => { console.log(performance.now() - start); process.exit(); });
setTimeout(() => { console.log('NaN'); process.exit(); }, 1000);
`;

const roundTrip = async (lab: Lab, from: string, to: string): Promise<number> =>
  Number(await lab.host(from).must([NODE, '-e', ROUND_TRIP, to]));

describeLab('the lab', ['vde_switch', 'wirefilter', 'vde_plug2tap'], () => {
  it('gives hosts their own names, users, homes and networks, and leaves nothing behind', async () => {
    let directory = '';
    {
      await using lab = await Lab.create({
        hosts: { alpha: {}, beta: { users: { ada: {}, bob: { password: 'secret' } } } },
        links: [{ between: ['alpha', 'beta'] }],
      });
      directory = lab.directory;
      expect(await lab.host('alpha').must('hostname; whoami')).toBe('alpha\nroot\n');
      const who = await lab.host('beta').must('id -un; pwd; echo $HOME', { user: 'bob' });
      expect(who).toBe('bob\n/home/bob\n/home/bob\n');
      await lab.host('alpha').must('echo here > /etc/lab-was-here; echo x > /tmp/x');
      expect((await lab.host('beta').exec('cat /etc/lab-was-here /tmp/x')).code).not.toBe(0);
      expect(await roundTrip(lab, 'alpha', 'beta')).not.toBeNaN();
    }
    expect(await readdir('/etc')).not.toContain('lab-was-here');
    expect((await readdir(tmpdir())).map((name) => `${tmpdir()}/${name}`)).not.toContain(directory);
    expect(await must(['ip', 'netns', 'list'])).not.toContain(`ouro-lab-${process.pid}-`);
  });

  it('delays packets both ways, and changes that while in use', async () => {
    await using lab = await Lab.create({
      hosts: { alpha: {}, beta: {} },
      links: [{ between: ['alpha', 'beta'], delayMs: 20 }],
    });
    expect(await roundTrip(lab, 'alpha', 'beta')).toBeGreaterThanOrEqual(40);
    await lab.link('alpha', 'beta').set({ delayMs: 60 });
    expect(await roundTrip(lab, 'alpha', 'beta')).toBeGreaterThanOrEqual(120);
    await lab.link('alpha', 'beta').set({ delayMs: 0, lossPercent: 100 });
    expect(await roundTrip(lab, 'alpha', 'beta')).toBeNaN();
  });

  it('shows a host no Node of the machine, and the one that is put there', async () => {
    await using lab = await Lab.create({ hosts: { alpha: {} } });
    const alpha = lab.host('alpha');
    const named = 'for name in node nodejs npm npx corepack; do command -v $name; done; ls /opt | grep ^node';
    expect((await alpha.exec(named)).stdout).toBe('');
    await putNode(alpha);
    expect(await alpha.must('node --version', { user: 'ada' })).toBe(await must([NODE, '--version']));
  });

  it('kills what still runs on a host when it ends', async () => {
    let pid: number | undefined;
    {
      await using lab = await Lab.create({ hosts: { alpha: {} } });
      const sleeper = lab.host('alpha').spawn(['sleep', '1000']);
      await lab.host('alpha').must('setsid sleep 1000 >/dev/null 2>&1 & echo started');
      pid = await sleeper.pid();
    }
    expect(pid).toBeDefined();
    await expect(readdir(`/proc/${pid}`)).rejects.toThrow();
  });

  it('sweeps up after a run that was killed', async () => {
    const { spawn } = await import('node:child_process');
    const index = new URL('../src/lab/lab.ts', import.meta.url).href;
    const code = `const { Lab } = await import('${index}');
      const lab = await Lab.create({ hosts: { a: {}, b: {} }, links: [{ between: ['a', 'b'], delayMs: 1 }] });
      console.log(lab.directory); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--conditions=ouro-source', '--input-type=module', '-e', code]);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    await until(() => said.includes('\n'), { what: 'a lab in another process' });
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
    const spaces = () => must(['ip', 'netns', 'list']);
    // A lab that is made elsewhere meanwhile may have swept already.
    await sweep();
    expect(await spaces()).not.toContain(`ouro-lab-${child.pid}-`);
    expect((await run(['test', '-e', said.trim()])).code).toBe(1);
  });
});
