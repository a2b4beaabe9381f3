import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './port.mjs';

const START_TIMEOUT_MS = 10_000;

async function writeFiles(folder, port) {
  await mkdir(folder, { mode: 0o700 });
  const key = (name) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  key('host');
  key('client');
  await writeFile(
    join(folder, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'client.pub')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin yes',
      'PidFile none',
      '',
    ].join('\n'),
  );
}

async function untilListening(port, sshd) {
  const end = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < end && sshd.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await delay(20);
  }
  throw new Error('The throwaway sshd does not listen');
}

/** An sshd on a free loopback port with keys and settings of its own, and the client's command lines for it. */
export async function createSshSide(temporary) {
  const folder = join(temporary, 'ssh');
  const port = await freePort();
  await writeFiles(folder, port);
  await mkdir('/run/sshd', { recursive: true }).catch(() => undefined);
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  await untilListening(port, sshd);
  const client = [
    ...['ssh', '-F', '/dev/null', '-i', join(folder, 'client'), '-p', String(port)],
    ...['-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'StrictHostKeyChecking=accept-new'],
    ...[
      '-o',
      `UserKnownHostsFile=${join(folder, 'known')}`,
      '-o',
      'ControlMaster=no',
      '-o',
      'LogLevel=ERROR',
    ],
  ];
  const host = `${userInfo().username}@127.0.0.1`;
  return {
    name: 'ssh',
    create: createSshSide,
    env: {},
    hostPid: sshd.pid,
    version: ['ssh', '-V'],
    command: (words) => [...client, '-T', host, words.join(' ')],
    terminal: (words) => [...client, '-t', host, words.join(' ')],
    async [Symbol.asyncDispose]() {
      sshd.kill('SIGTERM');
      if (sshd.exitCode === null) await once(sshd, 'exit');
    },
  };
}
