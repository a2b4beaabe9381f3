import { expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  hostTaking,
  Lab,
  makeLoginKey,
  Pty,
  putAgent,
  putClient,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const WHERE = ['--', 'sh', '-c', 'echo "$(hostname) ssh=$(env | grep -c ^SSH_CONNECTION=)"'];
const MOVED = /box ssh=0\r*\n$/;

describeLab('a hybrid session after each kind of login', [], () => {
  it('an encrypted key, its passphrase asked once', async () => {
    const key = await makeLoginKey('open sesame');
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    await putAgent(lab.host('box'), { home: 'ada' });
    await using shell = Pty.start(laptop, ['ouro', '-T', 'ada@box', ...WHERE], { user: 'me' });
    await shell.shows(/Enter passphrase for key '.*id_ed25519': $/);
    shell.write('open sesame\r');
    await shell.shows(MOVED);
    expect(await shell.exited).toMatchObject({ code: 0 });
    expect(shell.output).not.toContain('sesame');
  });

  it('the keys of an ssh-agent', async () => {
    const key = await makeLoginKey('open sesame');
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'box');
    await laptop.writeHome('me', 'ask', '#!/bin/sh\necho open sesame\n', 0o700);
    await putClient(laptop);
    await putAgent(lab.host('box'), { home: 'ada' });
    const env = {
      SSH_AUTH_SOCK: '/home/me/agent',
      SSH_ASKPASS: '/home/me/ask',
      SSH_ASKPASS_REQUIRE: 'force',
    };
    await laptop.must('ssh-agent -a ~/agent >/dev/null && ssh-add -q', { user: 'me', env });
    await laptop.must('rm ~/.ssh/id_ed25519 ~/ask', { user: 'me' });
    const run = await laptop.exec(['ouro', 'ada@box', ...WHERE], { user: 'me', env });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(MOVED), stderr: '' });
  });

  it.for([
    ['a password', { password: true }, /password: $/, 'hunter2'],
    ['a one-time code', { otp: '123456' }, /Password: $/, '123456'],
  ] as const)('%s', async ([_name, sshd, question, answer]) => {
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: { users: { ada: { password: 'hunter2' } }, sshd } },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await laptop.writeHome('me', '.ssh/known_hosts', `box ${await lab.sshd('box').hostKey()}\n`);
    await putClient(laptop);
    await putAgent(lab.host('box'), { home: 'ada' });
    await using shell = Pty.start(laptop, ['ouro', '-T', 'ada@box', ...WHERE], { user: 'me' });
    await shell.shows(question);
    shell.write(`${answer}\r`);
    await shell.shows(MOVED);
    expect(await shell.exited).toMatchObject({ code: 0 });
    expect(shell.output).not.toContain(answer);
  });

  it('through a second sshd, where only SSH gets through: it stays with SSH', async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, jump: hostTaking(key), box: hostTaking(key) },
      links: [{ between: ['laptop', 'jump'] }, { between: ['jump', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'jump');
    const address = lab.host('box').addressTo('jump');
    await laptop.must(`echo "${address} ${await lab.sshd('box').hostKey()}" >> ~/.ssh/known_hosts`, {
      user: 'me',
    });
    await putClient(laptop);
    await putAgent(lab.host('box'), { home: 'ada' });
    const args = ['-J', 'ada@jump', '--ice-timeout', '2', `ada@${address}`];
    const run = await laptop.exec(['ouro', ...args, ...WHERE], { user: 'me' });
    expect(run).toMatchObject({ code: 0, stdout: 'box ssh=1\n' });
    expect(run.stderr).toMatch(/WebRTC found no way/);
  });

  it('a changed and a revoked host key are refused, and nothing is run', async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const laptop = lab.host('laptop');
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    const known = await laptop.must('cat ~/.ssh/known_hosts', { user: 'me' });
    await laptop.writeHome('me', '.ssh/known_hosts', `@revoked ${known}`);
    const revoked = await laptop.exec(['ouro', 'ada@box', ...WHERE], { user: 'me' });
    expect(revoked).toMatchObject({ code: 76, stdout: '', stderr: expect.stringContaining('REVOKED') });
    await laptop.writeHome('me', '.ssh/known_hosts', known);
    await lab.sshd('box').newHostKey('ed25519');
    await lab.sshd('box').restart();
    const changed = await laptop.exec(['ouro', '-o', 'StrictHostKeyChecking=no', 'ada@box', ...WHERE], {
      user: 'me',
    });
    expect(changed).toMatchObject({ code: 76, stdout: '', stderr: expect.stringContaining('HAS CHANGED') });
  });

  it('sshd killed in the middle of the exchange: an error at once, and a sane terminal', async () => {
    const key = await makeLoginKey();
    await using lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    const [laptop, box] = [lab.host('laptop'), lab.host('box')];
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    // It says READY, and then nothing: the exchange stays in its middle.
    await box.writeHome(
      'ada',
      '.local/bin/ouro-agent',
      '#!/bin/sh\necho READY; touch ~/reached; exec sleep 100\n',
      0o755,
    );
    await using shell = Pty.start(laptop, ['sh', '-c', 'stty -g; ouro ada@box; echo "code=$?"; stty -g'], {
      user: 'me',
    });
    await shell.shows(/[\da-f:]{30,}/);
    await box.must('for i in $(seq 500); do [ -e ~/reached ] && exit; sleep 0.02; done; exit 1', {
      user: 'ada',
    });
    await lab.sshd('box').kill();
    const [, before, after] = await shell.shows(/([\da-f:]{30,})\r\n[\s\S]*code=69\r\n([\da-f:]{30,})\r\n/);
    expect(after).toBe(before);
    expect(shell.output).toContain('connection');
  });
});
