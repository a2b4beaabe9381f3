import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  type Host,
  hostTaking,
  Lab,
  type LoginKey,
  makeLoginKey,
  Pty,
  putAgent,
  putClient,
  until,
} from '../src/lab/index.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

/** Says who and where it runs, and whether by SSH; ends with 3. */
const WHERE = ['sh', '-c', 'echo "$(id -un)@$(hostname) ssh=$(env | grep -c ^SSH_CONNECTION=)"; exit 3'];
const BY_WEBRTC = 'ada@box ssh=0\n';
const BY_SSH = 'ada@box ssh=1\n';

/** A laptop with the client, and a box that takes its key. */
const laptopAndBox = async (): Promise<{ lab: Lab; laptop: Host; box: Host; key: LoginKey }> => {
  const key = await makeLoginKey();
  const lab = await Lab.create({
    hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
    links: [{ between: ['laptop', 'box'] }],
  });
  const [laptop, box] = [lab.host('laptop'), lab.host('box')];
  await giveKey(lab, laptop, 'me', key, 'box');
  await putClient(laptop);
  return { lab, laptop, box, key };
};

const ouro = (laptop: Host, ...args: string[]) =>
  laptop.exec(['ouro', ...args], { user: 'me', timeoutMs: 30_000 });

describeLab('a hybrid session', [], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  beforeAll(async () => {
    ({ lab, laptop, box } = await laptopAndBox());
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('goes on as plain SSH where no agent is, with one line that says so', async () => {
    const run = await ouro(laptop, 'ada@box', '--', ...WHERE);
    expect(run).toMatchObject({ code: 3, stdout: BY_SSH });
    expect(run.stderr).toMatch(/^ouro: box has no agent .*plain SSH\n$/);
    expect(await ouro(laptop, '-q', 'ada@box', '--', ...WHERE)).toMatchObject({ code: 3, stderr: '' });
  });

  it('fails with --no-fallback, and says what to do', async () => {
    const run = await ouro(laptop, '--no-fallback', 'ada@box', '--', ...WHERE);
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toContain('ouro install');
  });

  describe('with an agent', () => {
    beforeAll(() => putAgent(box, { home: 'ada' }));

    it('starts the agent when it does not run, and moves to WebRTC', async () => {
      const run = await ouro(laptop, 'ada@box', '--', ...WHERE);
      expect(run).toMatchObject({ code: 3, stdout: BY_WEBRTC, stderr: '' });
    });

    it('uses the agent that runs, and notes the fingerprint that SSH vouches for', async () => {
      expect(await ouro(laptop, 'ada@box', '--', ...WHERE)).toMatchObject({ code: 3, stdout: BY_WEBRTC });
      const status = JSON.parse(await box.must('~/.local/bin/ouro-agent status --json', { user: 'ada' }));
      const known = JSON.parse(await laptop.must('cat ~/.local/state/ouro/known_hosts.json', { user: 'me' }));
      expect(known.hosts['ssh://ada@box']).toMatchObject({
        fingerprint: status.fingerprint,
        transport: 'ssh',
      });
    });

    it.for([{ how: [] }, { how: ['--ssh'] }, { how: ['--ssh-program', 'ssh'] }])(
      'sends what ssh would send: $how',
      async ({ how }) => {
        const named = ['-o', 'SetEnv=LC_SET=set', '-o', 'SendEnv=LC_*'];
        const ask = ['sh', '-c', 'echo "$LC_SET $LC_MINE [$COLORTERM]"'];
        const run = await laptop.exec(['ouro', ...how, ...named, 'ada@box', '--', ...ask], {
          user: 'me',
          env: { LC_MINE: 'mine', COLORTERM: 'truecolor' },
        });
        expect(run).toMatchObject({ code: 0, stdout: 'set mine []\n', stderr: '' });
      },
    );

    it.for([{ how: [] }, { how: ['--ssh'] }])(
      'says what it leaves to ssh, and runs RemoteCommand: $how',
      async ({ how }) => {
        const asks = [
          'RemoteCommand=echo "on %n" && true',
          'LocalForward=8080 localhost:80',
          'ForwardAgent=yes',
        ];
        const args = [...how, ...asks.flatMap((option) => ['-o', option])];
        const run = await ouro(laptop, ...args, 'ada@box');
        expect(run).toMatchObject({ code: 0, stdout: 'on box\n' });
        expect(run.stderr).toMatch(
          /^ouro: your SSH configuration asks for LocalForward and ForwardAgent, .*: ssh box\n$/,
        );
        expect(await ouro(laptop, '-q', ...args, 'ada@box', '--', 'echo', 'mine')).toMatchObject({
          stdout: 'mine\n',
          stderr: '',
        });
      },
    );

    it('says that a key is not there, and tries the others', async () => {
      const run = await ouro(
        laptop,
        '-i',
        '/nonexist',
        '-i',
        '/home/me/.ssh/id_ed25519',
        'ada@box',
        '--',
        'true',
      );
      const said = 'ouro: Identity file /nonexist not accessible: No such file or directory.\n';
      expect(run).toMatchObject({ code: 0, stderr: said });
    });

    it('--ssh stays with SSH, --ssh-program goes by the ssh of the system', async () => {
      expect(await ouro(laptop, '--ssh', 'ada@box', '--', ...WHERE)).toMatchObject({
        code: 3,
        stdout: BY_SSH,
      });
      const carried = await ouro(laptop, '--ssh-program', 'ssh', 'ada@box', '--', ...WHERE);
      expect(carried).toMatchObject({ code: 3, stdout: BY_WEBRTC });
      const plain = await ouro(laptop, '--ssh-program', 'ssh', '--ssh', 'ada@box', '--', ...WHERE);
      expect(plain).toMatchObject({ code: 3, stdout: BY_SSH });
    });

    it('says that the limit of connections is reached, and goes on as plain SSH', async () => {
      const config = '~/.config/ouro/agent.toml';
      const agent = '~/.local/bin/ouro-agent';
      const limit = `mkdir -p -m 700 ~/.config/ouro && printf '[limits]\\npeers_per_fingerprint = 1\\n' > ${config}`;
      await box.must(`${limit} && ${agent} restart`, { user: 'ada' });
      await using first = Pty.start(laptop, ['ouro', 'ada@box'], { user: 'me' });
      await first.shows(/\$ /);
      const run = await ouro(laptop, 'ada@box', '--', ...WHERE);
      expect(run).toMatchObject({ code: 3, stdout: BY_SSH });
      expect(run.stderr).toMatch(
        /^ouro: This client has 1 connections to the agent, its limit; .*; this is plain SSH\n$/,
      );
      const failed = await ouro(laptop, '--no-fallback', 'ada@box', '--', ...WHERE);
      expect(failed).toMatchObject({
        code: 75,
        stderr: expect.stringContaining('1 connections to the agent, its limit'),
      });
      await box.must(`rm ${config} && ${agent} restart`, { user: 'ada' });
    });

    it('two clients at once, on an agent that neither finds running', async () => {
      await box.must('~/.local/bin/ouro-agent stop', { user: 'ada' });
      const runs = await Promise.all([1, 2].map(() => ouro(laptop, 'ada@box', '--', ...WHERE)));
      for (const run of runs) expect(run).toMatchObject({ code: 3, stdout: BY_WEBRTC });
      const agents = await box.must('pgrep -u ada -fc "[o]uro-agent.mjs daemon"');
      expect(agents.trim()).toBe('1');
    });

    it('is not disturbed when SSH is killed after the move, and the tty is sane after it', async () => {
      await using shell = Pty.start(laptop, ['sh', '-c', 'stty -g; ouro ada@box; echo "code=$?"; stty -g'], {
        user: 'me',
      });
      await shell.shows(/\$ /);
      await box.exec('pkill -KILL -u ada sshd');
      await lab.sshd('box').kill();
      shell.write('echo "still $((40+2))"; stty size\r');
      await shell.shows(/still 42\r+\n24 80/);
      shell.resize(30, 100);
      await until(
        async () => {
          shell.write('stty size\r');
          return shell.output.includes('30 100');
        },
        { pollMs: 100, what: () => shell.output },
      );
      shell.write('exit 7\r');
      const [, before, after] = await shell.shows(/([\da-f:]{30,})\r\n[\s\S]*code=7\r\n([\da-f:]{30,})\r\n/);
      expect(after).toBe(before);
      await lab.sshd('box').restart();
    });

    it('goes by TCP when UDP is dropped', async () => {
      await box.dropUdp();
      try {
        const run = await ouro(laptop, '-v', 'ada@box', '--', ...WHERE);
        expect(run).toMatchObject({ code: 3, stdout: BY_WEBRTC });
        expect(run.stderr).toMatch(/connected over tcp/);
      } finally {
        await box.passUdp();
      }
    });

    it('falls back when nothing but SSH gets through, and -v names the pairs that were tried', async () => {
      await box.passSshOnly();
      try {
        const run = await ouro(laptop, '-v', '--ice-timeout', '2', 'ada@box', '--', ...WHERE);
        expect(run).toMatchObject({ code: 3, stdout: BY_SSH });
        expect(run.stderr).toMatch(/found no way to box[\s\S]*tried .*10\.77\.0\.\d/);
        const failed = await ouro(laptop, '--no-fallback', '--ice-timeout', '1', 'ada@box', '--', ...WHERE);
        expect(failed).toMatchObject({ code: 69, stdout: '' });
      } finally {
        await box.passAll();
      }
    });

    it('falls back when the agent is stopped in its tracks', async () => {
      await box.must('pkill -STOP -u ada -f "[o]uro-agent.mjs daemon"');
      try {
        const run = await ouro(laptop, 'ada@box', '--', ...WHERE);
        expect(run).toMatchObject({ code: 3, stdout: BY_SSH });
        expect(run.stderr).toContain('did not answer in time');
      } finally {
        await box.must('pkill -CONT -u ada -f "[o]uro-agent.mjs daemon"');
      }
    });

    it('finds an agent that is there only as webexec in /usr/local/bin', async () => {
      await box.must('~/.local/bin/ouro-agent stop; mv ~/.local/bin/ouro-agent ~/hidden', { user: 'ada' });
      await putAgent(box, 'local', 'webexec');
      expect(await ouro(laptop, 'ada@box', '--', ...WHERE)).toMatchObject({ code: 3, stdout: BY_WEBRTC });
      await box.must('/usr/local/bin/webexec stop; mv ~/hidden ~/.local/bin/ouro-agent', { user: 'ada' });
      await box.must('rm /usr/local/bin/webexec');
    });
  });
});

describeLab('plain SSH', [], () => {
  it('is a good ssh: stdin, signals, pty, words as they stand', async () => {
    const { lab, laptop } = await laptopAndBox();
    await using _ = lab;
    const words = ["it's", 'a b', '$HOME', '"q"', '*', '\\', ''];
    const echoed = await ouro(laptop, '-q', 'ada@box', '--', 'printf', '<%s>', ...words);
    expect(echoed).toMatchObject({ code: 0, stdout: words.map((word) => `<${word}>`).join('') });
    const piped = await laptop.exec(['ouro', '-q', 'ada@box', '--', 'wc', '-c'], {
      user: 'me',
      input: 'x'.repeat(1_000_000),
    });
    expect(piped).toMatchObject({ code: 0, stdout: '1000000\n' });
    expect(await ouro(laptop, '-q', 'ada@box', '--', 'sh', '-c', 'kill -TERM $$')).toMatchObject({
      code: 143,
    });
    expect((await ouro(laptop, '-q', 'ada@box', '--', 'tty')).stdout).toContain('not a tty');
    expect((await ouro(laptop, '-q', '-t', 'ada@box', '--', 'tty')).stdout).toMatch(/^\/dev\/pts\//);
    await using shell = Pty.start(laptop, ['ouro', '-q', 'ada@box'], { user: 'me' });
    await shell.shows(/\$ /);
    shell.write('stty size; exit 5\r');
    await shell.shows(/24 80/);
    expect(await shell.exited).toMatchObject({ code: 5 });
  });

  it('asks for what it needs on the terminal, without showing it', async () => {
    const lab = await Lab.create({
      hosts: {
        laptop: { users: { me: {} } },
        box: { users: { ada: { password: 'hunter2' } }, sshd: { password: true } },
      },
      links: [{ between: ['laptop', 'box'] }],
    });
    await using _ = lab;
    const laptop = lab.host('laptop');
    await putClient(laptop);
    await using shell = Pty.start(laptop, ['ouro', '-q', 'ada@box', '--', 'hostname'], { user: 'me' });
    await shell.shows(/fingerprint is SHA256:[\s\S]*\(yes\/no\/\[fingerprint\]\)\? $/);
    shell.write('yes\r');
    await shell.shows(/ada@box's password: $/);
    shell.write('hunter2\r');
    await shell.shows(/box\r+\n$/);
    expect(await shell.exited).toMatchObject({ code: 0 });
    expect(shell.output).not.toContain('hunter2');
    await using stopped = Pty.start(laptop, ['ouro', '-q', 'ada@box', '--', 'hostname'], { user: 'me' });
    await stopped.shows(/password: $/);
    stopped.write('\x03');
    expect(await stopped.exited).toMatchObject({ code: 130 });
  });
});
