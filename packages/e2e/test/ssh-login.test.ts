import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { describeLab, must, run } from '../src/lab/index.ts';
import { outputOf, SshFixture } from './ssh-fixture.ts';

vi.setConfig({ testTimeout: 40_000 });

const WHO = 'id -un; exit 3';
const ADA = 'ada\n[3]';

describeLab('login by ssh2 against the real sshd', [], () => {
  it.for([
    ['ed25519', undefined],
    ['ecdsa', undefined],
    ['rsa', undefined],
    ['rsa', 'PEM'],
  ] as const)('with a key: %s %s', async ([type, format]) => {
    await using fixture = await SshFixture.create({}, async (at) => {
      const key = await at.key('id', { type, ...(format ? { format } : {}) });
      return { users: { ada: { authorizedKeys: [key] } } };
    });
    const config = [`IdentityFile ${fixture.at.path('id')}`];
    await using connection = await fixture.at.connect({ port: fixture.port, config });
    expect(await outputOf(connection, WHO)).toBe(ADA);
    expect(fixture.at.asked).toEqual([]);
  });

  it.for([
    ['OpenSSH', undefined],
    ['OpenSSH without its .pub', undefined],
    ['PEM', 'PEM'],
  ] as const)('with an encrypted key, asked once: %s', async ([name, format]) => {
    await using fixture = await SshFixture.create({}, async (at) => {
      const options = format ? ({ format, type: 'rsa' } as const) : {};
      const key = await at.key('id', { passphrase: 'open sesame', ...options });
      if (name.includes('without')) await must(['rm', at.path('id.pub')]);
      return { users: { ada: { authorizedKeys: [key] } } };
    });
    const config = [`IdentityFile ${fixture.at.path('id')}`];
    await using connection = await fixture.at.connect({
      port: fixture.port,
      config,
      answers: ['open sesame'],
    });
    expect(await outputOf(connection, WHO)).toBe(ADA);
    expect(fixture.at.asked).toMatchObject([{ kind: 'passphrase', echo: false }]);
  });

  it('asks no passphrase for a key that the host does not take', async () => {
    await using fixture = await SshFixture.create({ password: true }, async (at) => {
      await at.key('id', { passphrase: 'open sesame' });
      return { users: { ada: { password: 'hunter2' } } };
    });
    const config = [`IdentityFile ${fixture.at.path('id')}`];
    await using connection = await fixture.at.connect({ port: fixture.port, config, answers: ['hunter2'] });
    expect(await outputOf(connection, WHO)).toBe(ADA);
    expect(fixture.at.asked.map(({ kind }) => kind)).toEqual(['password']);
  });

  it('with the keys of an ssh-agent, and with IdentitiesOnly only those that are named', async () => {
    await using fixture = await SshFixture.create({}, async (at) => {
      await at.key('other');
      return { users: { ada: { authorizedKeys: [await at.key('id', { passphrase: 'open sesame' })] } } };
    });
    const { at, port } = fixture;
    const socket = at.path('agent');
    const agent = fixture.lab.host('server').name && (await must(['ssh-agent', '-a', socket]));
    const pid = /SSH_AGENT_PID=(\d+)/.exec(agent)?.[1] ?? '';
    try {
      const env = {
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: at.path('ask'),
        SSH_ASKPASS_REQUIRE: 'force',
        PATH: process.env.PATH ?? '',
      };
      await must([
        'sh',
        '-c',
        `printf '#!/bin/sh\\necho open sesame\\n' > ${at.path('ask')}; chmod 700 ${at.path('ask')}`,
      ]);
      await must(['ssh-add', at.path('other'), at.path('id')], { env });
      await using connection = await at.connect({ port, env: { SSH_AUTH_SOCK: socket } });
      expect(await outputOf(connection, WHO)).toBe(ADA);
      const config = ['IdentitiesOnly yes', `IdentityAgent ${socket}`, `IdentityFile ${at.path('other')}`];
      await expect(at.connect({ port, config })).rejects.toMatchObject({ code: 'auth-failed' });
      expect(at.asked).toEqual([]);
    } finally {
      await run(['kill', pid]);
    }
  });

  it('with a password; a wrong one is asked for again', async () => {
    await using fixture = await SshFixture.create({ password: true }, async () => ({
      users: { ada: { password: 'hunter2' } },
    }));
    const answers = ['hunter1', 'hunter2'];
    await using connection = await fixture.at.connect({ port: fixture.port, answers });
    expect(await outputOf(connection, WHO)).toBe(ADA);
    expect(fixture.at.asked).toMatchObject([
      { kind: 'password', echo: false },
      { kind: 'password', echo: false },
    ]);
  });

  it('with a one-time code by keyboard-interactive', async () => {
    await using fixture = await SshFixture.create({ otp: '123456' });
    await using connection = await fixture.at.connect({ port: fixture.port, answers: ['123456'] });
    expect(await outputOf(connection, WHO)).toBe(ADA);
    expect(fixture.at.asked).toMatchObject([{ kind: 'keyboard-interactive', echo: false }]);
  });

  it('with a key and then a one-time code, where the host wants both', async () => {
    const config = ['AuthenticationMethods publickey,keyboard-interactive'];
    await using fixture = await SshFixture.create({ otp: '123456', config }, async (at) => ({
      users: { ada: { authorizedKeys: [await at.key('id')] } },
    }));
    const own = [`IdentityFile ${fixture.at.path('id')}`];
    await using connection = await fixture.at.connect({
      port: fixture.port,
      config: own,
      answers: ['123456'],
    });
    expect(await outputOf(connection, WHO)).toBe(ADA);
  });

  it('says what the host takes when nothing is left, and never what was typed', async () => {
    await using fixture = await SshFixture.create({ password: true }, async () => ({
      users: { ada: { password: 'hunter2' } },
    }));
    const failed = fixture.at.connect({ port: fixture.port, answers: ['wrong-a', 'wrong-b', 'wrong-c'] });
    await expect(failed).rejects.toMatchObject({
      code: 'auth-failed',
      message: expect.stringMatching(/publickey, ?password/),
    });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('wrong-a') });
  });

  it('names the way out when the only key lives on a FIDO token', async () => {
    await using fixture = await SshFixture.create({}, async (at) => {
      await at.key('id_sk');
      const blob = await readFile(at.path('id_sk.pub'), 'utf8');
      await must([
        'sh',
        '-c',
        `echo "sk-ssh-ed25519@openssh.com ${blob.split(' ')[1]} token" > ${at.path('id_sk.pub')}`,
      ]);
      return {};
    });
    const config = [`IdentityFile ${fixture.at.path('id_sk')}`];
    await expect(fixture.at.connect({ port: fixture.port, config })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('--ssh-program ssh'),
    });
  });

  it('without OpenSSH on the client: our own readers do', async () => {
    await using fixture = await SshFixture.create({}, async (at) => ({
      users: { ada: { authorizedKeys: [await at.key('id')] } },
    }));
    const config = [`IdentityFile ${fixture.at.path('id')}`];
    await using connection = await fixture.at.connect({ port: fixture.port, config, openSsh: false });
    expect(await outputOf(connection, WHO)).toBe(ADA);
  });

  it('does not hang on a port that takes connections and says nothing', async () => {
    await using fixture = await SshFixture.create({});
    const { createServer } = await import('node:net');
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const failed = fixture.at.connect({ port, config: ['ConnectTimeout 1'] });
    await expect(failed).rejects.toMatchObject({ code: 'timeout' });
    server.close();
  });
});
