import { expect, it, vi } from 'vitest';
import { describeLab } from '../src/lab/index.ts';
import { type AtHome, outputOf, SshFixture } from './ssh-fixture.ts';

vi.setConfig({ testTimeout: 40_000 });

const withKey = async (at: AtHome) => ({ users: { ada: { authorizedKeys: [await at.key('id')] } } });

const stranger = (): Promise<SshFixture> => SshFixture.create({}, withKey, { trust: false });

const identity = (at: AtHome): string => `IdentityFile ${at.path('id')}`;

describeLab('host keys against the real sshd', [], () => {
  it.for([true, false])(
    'an unknown key is asked about with its fingerprint, and remembered (OpenSSH there: %s)',
    async (openSsh) => {
      await using fixture = await stranger();
      const { at, port } = fixture;
      const config = [identity(at)];
      const { hostKey } = await connectAndClose(at.connect({ port, config, openSsh, answers: ['yes'] }));
      expect(at.asked).toMatchObject([
        { kind: 'host-key', text: expect.stringContaining(hostKey ?? 'no key') },
      ]);
      expect(await at.knownHosts()).toContain(`[127.0.0.1]:${port} ssh-ed25519 `);
      await connectAndClose(at.connect({ port, config, openSsh }));
      expect(at.asked).toHaveLength(1);
    },
  );

  it('the fingerprint itself is a yes; anything else is a no, and nothing is remembered', async () => {
    await using fixture = await stranger();
    const { at, port, lab } = fixture;
    const config = [identity(at)];
    for (const answers of [['no'], [''], [], ['SHA256:AAAA']]) {
      await expect(at.connect({ port, config, answers })).rejects.toMatchObject({ code: 'host-key-unknown' });
    }
    expect(await at.knownHosts()).toBe('');
    const shown = await lab.host('server').must('ssh-keygen -lf /etc/ssh/lab_ed25519.pub');
    await connectAndClose(at.connect({ port, config, answers: [shown.split(' ')[1] ?? ''] }));
  });

  it('StrictHostKeyChecking yes refuses, accept-new and no take an unknown key unasked; HashKnownHosts hides the name', async () => {
    await using fixture = await stranger();
    const { at, port } = fixture;
    const strict = [identity(at), 'StrictHostKeyChecking yes'];
    await expect(at.connect({ port, config: strict })).rejects.toMatchObject({ code: 'host-key-unknown' });
    const takes = [identity(at), 'StrictHostKeyChecking accept-new', 'HashKnownHosts yes'];
    await connectAndClose(at.connect({ port, config: takes }));
    expect(await at.knownHosts()).toMatch(/^\|1\|/);
    expect(await at.knownHosts()).not.toContain('127.0.0.1');
    await connectAndClose(at.connect({ port, config: strict }));
    await connectAndClose(at.connect({ port, config: strict, openSsh: false }));
    expect(at.asked).toEqual([]);
  });

  it.for(['ask', 'accept-new', 'no', 'yes'])(
    'a changed key is refused, always: StrictHostKeyChecking %s',
    async (strict) => {
      await using fixture = await SshFixture.create({}, withKey);
      const { at, port, lab } = fixture;
      await lab.sshd('server').newHostKey('ed25519');
      const config = [identity(at), `StrictHostKeyChecking ${strict}`];
      await expect(at.connect({ port, config, answers: ['yes'] })).rejects.toMatchObject({
        code: 'host-key-changed',
        message: expect.stringMatching(/HAS CHANGED.*known_hosts:1.*ssh-keygen -R/s),
      });
      expect(at.asked).toEqual([]);
    },
  );

  it('a revoked key is refused, also when it is known', async () => {
    await using fixture = await SshFixture.create({}, withKey);
    const { at, port, lab } = fixture;
    await at.trust(`@revoked * ${await lab.sshd('server').hostKey()}`);
    for (const openSsh of [true, false]) {
      await expect(at.connect({ port, config: [identity(at)], openSsh })).rejects.toMatchObject({
        code: 'host-key-revoked',
        message: expect.stringMatching(/REVOKED/),
      });
    }
  });

  it('compares the key of the known type, whatever else the host has', async () => {
    await using fixture = await SshFixture.create({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] }, withKey, {
      trust: false,
    });
    const { at, port, lab } = fixture;
    await at.trust(`[127.0.0.1]:${port} ${await lab.sshd('server').hostKey('rsa')}`);
    await connectAndClose(at.connect({ port, config: [identity(at), 'StrictHostKeyChecking yes'] }));
  });

  it('a host that hides its known key behind one of another type is not taken unasked', async () => {
    await using fixture = await SshFixture.create({ hostKeys: ['ecdsa'] }, withKey, { trust: false });
    const { at, port } = fixture;
    await at.key('other');
    const { readFile } = await import('node:fs/promises');
    await at.trust(`[127.0.0.1]:${port} ${await readFile(at.path('other.pub'), 'utf8')}`);
    const config = [identity(at), 'StrictHostKeyChecking accept-new'];
    await expect(at.connect({ port, config })).rejects.toMatchObject({ code: 'host-key-changed' });
    await expect(at.connect({ port, config: [identity(at)], answers: ['no'] })).rejects.toMatchObject({
      code: 'host-key-unknown',
    });
    expect(at.asked).toMatchObject([{ text: expect.stringContaining('WARNING: keys of another type') }]);
  });

  it('files keys under HostKeyAlias, and names the way out for certificate authorities', async () => {
    await using fixture = await SshFixture.create({}, withKey, { trust: false });
    const { at, port, lab } = fixture;
    const key = await lab.sshd('server').hostKey();
    await at.trust(`the-alias ${key}`);
    const config = [identity(at), 'HostKeyAlias the-alias', 'StrictHostKeyChecking yes'];
    await using connection = await at.connect({ port, config });
    expect(await outputOf(connection, 'echo hi')).toBe('hi\n[0]');
    await at.trust(`@cert-authority *.example ${key}`);
    const other = [identity(at), 'HostKeyAlias a.example'];
    await expect(at.connect({ port, config: other })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('--ssh-program ssh'),
    });
  });
});

const connectAndClose = async (connecting: ReturnType<AtHome['connect']>) => {
  await using connection = await connecting;
  return { hostKey: connection.hostKey };
};
