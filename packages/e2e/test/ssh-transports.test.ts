import { writeFile } from 'node:fs/promises';
import { openSshProgram, SshProgramConnection } from '@ouro/ssh-client';
import { acceptCommand } from '@ouro/transport-ssh';
import { expect, it, vi } from 'vitest';
import { describeLab, Lab } from '../src/lab/index.ts';
import { AtHome, outputOf, SshFixture } from './ssh-fixture.ts';

vi.setConfig({ testTimeout: 40_000 });

const { signal } = new AbortController();

const textOf = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = '';
  for await (const chunk of source) text += Buffer.from(chunk).toString('utf8');
  return text;
};

const withKey = async (at: AtHome) => ({ users: { ada: { authorizedKeys: [await at.key('id')] } } });

/** Two servers in a row; only the first has a door. */
const behindJump = async (at: AtHome): Promise<Lab> => {
  const users = { ada: { authorizedKeys: [await at.key('id', { passphrase: 'open sesame' })] } };
  return Lab.create({
    hosts: { jump: { users, sshd: {} }, inner: { users, sshd: {} } },
    links: [{ between: ['jump', 'inner'] }],
  });
};

describeLab('ways to a host', [], () => {
  it('ProxyJump: through a second sshd, each with its own host key, the passphrase asked once', async () => {
    await using at = await AtHome.create();
    await using lab = await behindJump(at);
    const door = await lab.sshd('jump').door();
    await at.trust(`[127.0.0.1]:${door.port} ${await lab.sshd('jump').hostKey()}`);
    const config = [`IdentityFile ${at.path('id')}`];
    const address = lab.host('inner').addressTo('jump');
    const through = { port: 22, host: address, config, jump: `ada@127.0.0.1:${door.port}` };
    await expect(at.connect({ ...through, answers: ['open sesame', 'no'] })).rejects.toMatchObject({
      code: 'host-key-unknown',
    });
    await at.trust(`${address} ${await lab.sshd('inner').hostKey()}`);
    at.asked.length = 0;
    await using connection = await at.connect({ ...through, answers: ['open sesame'] });
    expect(await outputOf(connection, 'hostname')).toBe('inner\n[0]');
    expect(at.asked.map(({ kind }) => kind)).toEqual(['passphrase']);
  });

  it('ProxyJump: a jump that is not there, and one that names itself', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port } = fixture;
    await expect(at.connect({ port, jump: 'localhost:1' })).rejects.toMatchObject({ code: 'refused' });
    await expect(at.connect({ port, config: [`ProxyJump 127.0.0.1:${port}`] })).rejects.toMatchObject({
      code: 'bad-config',
    });
  });

  it('ProxyCommand: the stdio of any program', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port, lab } = fixture;
    await at.trust(`unreachable.example ${await lab.sshd('server').hostKey()}`);
    const relay = at.path('relay.cjs');
    await writeFile(
      relay,
      `const s=require('net').connect(${port},'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)`,
    );
    const config = [`IdentityFile ${at.path('id')}`, `ProxyCommand ${process.execPath} ${relay} %h %p`];
    await using connection = await at.connect({ port: 22, host: 'unreachable.example', config });
    expect(await outputOf(connection, 'head -c 3000000 /dev/zero | wc -c')).toBe('3000000\n[0]');
  });

  it('a name that does not exist, and a port without a server', async () => {
    await using at = await AtHome.create();
    await expect(at.connect({ port: 22, host: 'no-such-host.invalid' })).rejects.toMatchObject({
      code: 'unknown-host',
    });
    await expect(at.connect({ port: 1 })).rejects.toMatchObject({ code: 'refused' });
  });
});

describeLab('channels', [], () => {
  it('stdin, stdout, stderr, environment, exit status and signals, as ssh has them', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port } = fixture;
    await using connection = await at.connect({ port, config: [`IdentityFile ${at.path('id')}`] });
    const env = { OURO_WORD: 'hello there', NOT_ACCEPTED: 'x' };
    const channel = await connection.exec('cat; echo "$OURO_WORD-$NOT_ACCEPTED" >&2; exit 42', {
      signal,
      env,
    });
    const both = Promise.all([textOf(channel.readable), textOf(channel.stderr)]);
    await channel.write(Buffer.alloc(3_000_000, 'x'));
    await channel.eof();
    const [stdout, stderr] = await both;
    expect(stdout).toHaveLength(3_000_000);
    expect(stderr).toBe('hello there-\n');
    expect(await channel.exited).toEqual({ code: 42, signal: null });
    const killed = await connection.exec('kill -TERM $$', { signal });
    killed.discardStderr();
    await textOf(killed.readable);
    expect(await killed.exited).toEqual({ code: null, signal: 'TERM' });
    const sleeping = await connection.exec('echo up; exec sleep 100', { signal });
    sleeping.discardStderr();
    for await (const chunk of sleeping.readable) if (String(chunk) !== '') sleeping.kill('TERM');
    expect(await sleeping.exited).toMatchObject({ signal: 'TERM' });
  });

  it('a shell on a pty, resized', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port } = fixture;
    await using connection = await at.connect({ port, config: [`IdentityFile ${at.path('id')}`] });
    const shell = await connection.shell({ signal, pty: { rows: 24, cols: 80 } });
    let seen = '';
    let asked = false;
    const reading = (async () => {
      for await (const chunk of shell.readable) {
        seen += Buffer.from(chunk).toString('utf8');
        if (seen.includes('24 80') && !asked) {
          asked = true;
          shell.resize({ rows: 50, cols: 132 });
          await shell.write(Buffer.from('stty size; echo resi""zed; exit 7\n'));
        }
      }
    })();
    await shell.write(Buffer.from('stty size\n'));
    await reading;
    expect(seen).toMatch(/50 132\r\n.*resized/s);
    expect(await shell.exited).toEqual({ code: 7, signal: null });
  });

  it('a server that dies breaks the channels, and says so', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, lab } = fixture;
    const door = await lab.sshd('server').door();
    await at.trust(`[127.0.0.1]:${door.port} ${await lab.sshd('server').hostKey()}`);
    await using connection = await at.connect({ port: door.port, config: [`IdentityFile ${at.path('id')}`] });
    const channel = await connection.exec('echo up; exec sleep 100', { signal });
    channel.discardStderr();
    const reads = channel.readable[Symbol.asyncIterator]();
    expect(Buffer.from((await reads.next()).value ?? []).toString()).toBe('up\n');
    await lab.host('server').exec(['pkill', '-KILL', 'sshd']);
    await expect(reads.next()).rejects.toMatchObject({ code: 'lost' });
    await expect(channel.exited).rejects.toMatchObject({ code: 'lost' });
    await expect(channel.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'closed' });
    await connection.closed;
    await expect(connection.exec('true', { signal })).rejects.toMatchObject({ code: 'lost' });
  });

  it('the accept command on a host without an agent ends with 127, by bash and by sh', async () => {
    await using fixture = await SshFixture.create({}, async (at) => {
      const authorizedKeys = [await at.key('id')];
      return { users: { ada: { authorizedKeys }, bob: { authorizedKeys, shell: '/bin/sh' } } };
    });
    const { at, port } = fixture;
    for (const user of ['ada', 'bob']) {
      await using connection = await at.connect({ port, user, config: [`IdentityFile ${at.path('id')}`] });
      expect(await outputOf(connection, acceptCommand())).toBe('[127]');
    }
  });
});

describeLab('the ssh of the system as the carrier', [], () => {
  it('runs a command with its stdio and exit status; 255 is its own failure', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port } = fixture;
    const args = [
      '-F',
      'none',
      '-i',
      at.path('id'),
      '-p',
      String(port),
      '-o',
      `UserKnownHostsFile=${at.path('known_hosts')}`,
    ];
    const options = { program: 'ssh', target: 'ada@127.0.0.1', args };
    const channel = await openSshProgram(options, 'cat; exit 5', { signal });
    channel.discardStderr();
    await channel.write(Buffer.from('through'));
    await channel.eof();
    expect(await textOf(channel.readable)).toBe('through');
    expect(await channel.exited).toEqual({ code: 5, signal: null });
    await using wrong = new SshProgramConnection({
      ...options,
      args: ['-o', 'BatchMode=yes', '-o', 'UserKnownHostsFile=none', ...args],
    });
    const refused = await wrong.exec('true', { signal });
    refused.discardStderr();
    await expect(refused.exited).rejects.toMatchObject({ code: 'lost' });
  });

  it('is missed with a word on what to do', async () => {
    const channel = await openSshProgram({ program: '/no/such/ssh', target: 'host' }, 'true', { signal });
    await expect(channel.exited).rejects.toMatchObject({ code: 'unsupported' });
    expect(() => new SshProgramConnection({ program: 'ssh', target: '-oProxyCommand=x' })).toThrow(
      /no host name/,
    );
  });
});
