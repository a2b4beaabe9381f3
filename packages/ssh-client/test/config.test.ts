import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveSshConfig, type SshConfig } from '../src/index.ts';

const home = mkdtempSync(join(tmpdir(), 'ouro-ssh-home-'));
afterAll(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, '.ssh'));
const included = join(home, '.ssh/included.conf');
const configFile = join(home, '.ssh/config');
writeFileSync(included, 'Host *.example\n  IdentitiesOnly yes\n');
writeFileSync(
  configFile,
  `Include ${included}
Host jump
  HostName 192.0.2.7
  User jumper
  Port 2222
Host far.example
  ProxyJump jump,ada@second:2022
  IdentityFile ~/.ssh/%h_key
  IdentityFile "~/.ssh/with space"
  UserKnownHostsFile "${home}/kh" "${home}/kh two"
  StrictHostKeyChecking accept-new
  ConnectTimeout 7
  HostKeyAlias the-alias
Host proxied
  ProxyCommand nc -X 5 %h %p
  StrictHostKeyChecking no
Host busy
  LocalForward 8080 localhost:80
  DynamicForward 1080
  ForwardAgent yes
  PermitLocalCommand yes
  LocalCommand notify %h
  RemoteCommand cd /srv && exec "$SHELL" -l
  RequestTTY force
Host quiet
  LocalForward 8080 localhost:80
  ClearAllForwardings yes
  ForwardAgent no
  RemoteCommand none
Host *
  User nobody
  GlobalKnownHostsFile /dev/null
`,
);

const hasSsh = spawnSync('ssh', ['-V']).error === undefined;
const context = { home, localUser: 'me', localHost: 'here', env: { PATH: process.env.PATH } };
const { signal } = new AbortController();
const resolve = (target: string, sshProgram: string | false, args: string[] = []): Promise<SshConfig> =>
  resolveSshConfig(target, { signal, configFile, context, sshProgram, args });

describe.each([['ssh -G', 'ssh'] as const, ['the parser', false] as const])('by %s', (_name, program) => {
  const test = program && !hasSsh ? it.skip : it;

  test('resolves names, users, ports, and what the command line says first', async () => {
    const jump = await resolve('jump', program);
    expect(jump).toMatchObject({ host: 'jump', hostName: '192.0.2.7', user: 'jumper', port: 2222 });
    expect(await resolve('me@jump:22', program)).toMatchObject({ user: 'me', port: 22 });
    expect(await resolve('ssh://me@jump:23', program)).toMatchObject({ user: 'me', port: 23 });
    expect(await resolve('jump', program, ['-p', '24', '-o', 'User=boss'])).toMatchObject({
      user: 'boss',
      port: 24,
    });
    expect(await resolve('other', program)).toMatchObject({ hostName: 'other', user: 'nobody', port: 22 });
  });

  test('knows what is run and shown, and what only ssh does', async () => {
    expect(await resolve('busy', program)).toMatchObject({
      remoteCommand: 'cd /srv && exec "$SHELL" -l',
      requestTty: 'force',
      beside: ['LocalForward', 'DynamicForward', 'ForwardAgent', 'LocalCommand'],
    });
    const nothing = { remoteCommand: undefined, requestTty: 'auto', beside: [] };
    expect(await resolve('quiet', program)).toMatchObject(nothing);
    expect(await resolve('jump', program)).toMatchObject(nothing);
  });

  test('resolves jumps, keys, known hosts and strictness, over Include', async () => {
    expect(await resolve('far.example', program)).toMatchObject({
      proxyJump: ['jump', 'ada@second:2022'],
      identityFiles: ['~/.ssh/%h_key', '~/.ssh/with space'],
      identitiesOnly: true,
      userKnownHostsFiles: [`${home}/kh`, `${home}/kh two`],
      globalKnownHostsFiles: ['/dev/null'],
      strictHostKeyChecking: 'accept-new',
      connectTimeout: 7,
      hostKeyAlias: 'the-alias',
    });
  });

  test('resolves a proxy command, and defaults', async () => {
    const config = await resolve('proxied', program);
    expect(config).toMatchObject({
      proxyCommand: 'nc -X 5 %h %p',
      proxyJump: [],
      strictHostKeyChecking: 'no',
    });
    expect(config.connectTimeout).toBeUndefined();
    expect(config.identityFiles).toContain('~/.ssh/id_ed25519');
    expect(config.passwordAuthentication).toBe(true);
  });

  test('says what is wrong with a configuration', async () => {
    const wrong = program ? ['-o', 'NoSuchOption'] : ['-Z', 'x'];
    await expect(resolve('x', program, wrong)).rejects.toMatchObject({ code: 'bad-config' });
    await expect(resolve('-oProxyCommand=touch', program)).rejects.toMatchObject({ code: 'bad-target' });
  });
});
