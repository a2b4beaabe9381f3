import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  type Host,
  hostTaking,
  Lab,
  type LoginKey,
  makeLoginKey,
  Pty,
  putClient,
  putNode,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeLab('ouro install', [], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  let key: LoginKey;
  beforeAll(async () => {
    key = await makeLoginKey();
    lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    laptop = lab.host('laptop');
    box = lab.host('box');
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    await putNode(box);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const ouro = (...args: string[]) => laptop.exec(['ouro', ...args], { user: 'me', timeoutMs: 60_000 });
  const onBox = (command: string) => box.must(command, { user: 'ada' });

  it('--dry-run says what it would do and does nothing', async () => {
    const run = await ouro('install', '--dry-run', 'ada@box');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/this would:[\s\S]*~\/\.local\/bin\/ouro-agent[\s\S]*Nothing was changed/);
    expect(await onBox('ls -A ~')).toBe('.ssh\n');
  });

  it('puts the agent there without root, and the next connection uses it', async () => {
    const run = await ouro('install', 'ada@box');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^Installed agent-.*\n[\s\S]*Now connect: ouro ada@box\n$/);
    const moved = await ouro('ada@box', '--', 'sh', '-c', 'env | grep -c ^SSH_CONNECTION');
    expect(moved).toMatchObject({ stdout: '0\n', stderr: '' });
    const terminal = await ouro('-t', 'ada@box', '--', 'tty');
    expect(terminal.stdout).toMatch(/^\/dev\/pts\//);
  });

  it('run again finds it there', async () => {
    expect((await ouro('install', 'ada@box')).stdout).toMatch(/is on ada@box already/);
  });

  it('upgrades, and an agent that runs keeps its panes', async () => {
    await onBox(
      'cd ~/.local/share/ouro && mv agent-* agent-0.0.0-before && ln -sfn agent-0.0.0-before current',
    );
    await onBox('~/.local/bin/ouro-agent stop');
    await using shell = Pty.start(laptop, ['ouro', 'ada@box'], { user: 'me' });
    await shell.shows(/\$ /);
    const run = await ouro('install', 'ada@box');
    expect(run.stdout).toMatch(/keeps its 1 panes/);
    shell.write('echo "still $((40+2))"; exit\r');
    await shell.shows(/still 42/);
    expect(await shell.exited).toMatchObject({ code: 0 });
    expect(await onBox('readlink ~/.local/share/ouro/current')).not.toContain('before');
  });

  it('--authorize lets this client in by another transport from then on', async () => {
    const run = await ouro('--authorize', 'ada@box', '--', 'true');
    expect(run).toMatchObject({
      code: 0,
      stderr: 'ouro: box lets this client in by http(s) too from now on\n',
    });
    const own = (await ouro('fingerprint')).stdout.trim();
    expect(await onBox('cat ~/.config/ouro/authorized_fingerprints')).toContain(own);
  });

  it('as root it leaves nothing there that another user owns', async () => {
    await box.writeFile('/root/.ssh/authorized_keys', key.publicLine, 0o600);
    expect(await ouro('install', 'root@box')).toMatchObject({ code: 0, stderr: '' });
    expect(await box.must('ls /root/.local/share/ouro/current/bin; find /root/.local ! -user root')).toBe(
      'ouro-agent.mjs\n',
    );
  });
});
