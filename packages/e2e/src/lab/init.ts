import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { START_TIMEOUT_MS } from './constants.ts';
import { spawnBound } from './run.ts';
import { until } from './until.ts';

/** Directories of the machine that a host sees with its own changes on top. */
const OVERLAID = { etc: '/etc', bin: '/usr/bin', local: '/usr/local', opt: '/opt' } as const;

/**
 * The machine's own Node, wherever it may lie: a host has the one that a test puts there, or none, whatever machine the
 * test runs on.
 */
const HIDDEN: readonly string[] = [
  ...['/usr/bin', '/usr/local/bin'].flatMap((directory) =>
    ['node', 'nodejs', 'node[0-9]*', 'npm', 'npx', 'corepack'].map((name) => `${directory}/${name}`),
  ),
  '/usr/local/n',
  '/opt/node*',
];

/** This checkout, without a slash at its end: the programs that hosts run. */
const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

/** Top directories of the machine that a host needs as they are, or that it has its own of already. */
const KEPT_TOPS: readonly string[] = ['usr', 'var', 'opt', 'etc', 'home', 'root', 'tmp', 'run', 'dev'];

/** Where the files of a host lie on the machine. */
export interface HostDirectories {
  readonly etc: string;
  readonly bin: string;
  readonly local: string;
  readonly opt: string;
  readonly home: string;
  readonly root: string;
}

/** Makes the directories of one host below its own. */
export const makeDirectories = async (base: string): Promise<HostDirectories> => {
  const directories = {
    etc: join(base, 'etc'),
    bin: join(base, 'bin'),
    local: join(base, 'local'),
    opt: join(base, 'opt'),
    home: join(base, 'home'),
    root: join(base, 'root'),
  };
  await Promise.all(Object.values(directories).map((path) => mkdir(path, { recursive: true, mode: 0o755 })));
  await Promise.all(
    Object.keys(OVERLAID).map((name) => mkdir(join(base, `${name}.work`), { recursive: true })),
  );
  await Promise.all(
    ['checkout', 'checkout.upper', 'checkout.work'].map((name) => mkdir(join(base, name), { mode: 0o755 })),
  );
  await mkdir(join(base, 'root'), { recursive: true, mode: 0o700 });
  return directories;
};

/**
 * The first process of a host, in its own mount, pid and host name namespaces. As pid 1 it takes up the children of
 * daemons, and when it dies the kernel kills all that ran on the host.
 */
const script = (base: string, hostname: string): string => {
  const overlays = Object.entries(OVERLAID).map(
    ([name, path]) =>
      `mount -t overlay overlay -o lowerdir=${path},upperdir=${base}/${name},workdir=${base}/${name}.work ${path}`,
  );
  return [
    'set -e',
    'mount --make-rprivate /',
    ...checkoutOverlay(base),
    `hostname ${hostname}`,
    ...overlays,
    `rm -rf ${HIDDEN.join(' ')}`,
    'if [ -d /snap ]; then mount -t tmpfs -o mode=0755 tmpfs /snap; fi',
    `mount --bind ${base}/home /home`,
    `mount --bind ${base}/root /root`,
    'mount -t tmpfs -o mode=0755 tmpfs /run',
    'mkdir -p /run/sshd /run/user /run/lock',
    'mount -t tmpfs -o mode=1777 tmpfs /tmp',
    ...checkoutMounts(),
    'mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts',
    'mount --bind /dev/pts/ptmx /dev/ptmx',
    'echo up',
    'set +e',
    'sleep infinity & while :; do wait; done',
  ].join('\n');
};

/**
 * The checkout with a top directory that is open to all, and nothing of what a host writes there. It becomes the
 * current directory, since its place may be hidden soon by the host's own /tmp.
 */
const checkoutOverlay = (base: string): string[] => [
  `mount -t overlay overlay -o lowerdir=${CHECKOUT},upperdir=${base}/checkout.upper,workdir=${base}/checkout.work ${base}/checkout`,
  `cd ${base}/checkout`,
];

/**
 * Shows the checkout at its own path to every user of the host, wherever it lies on the machine: below a /tmp or /root
 * that the host has its own of, or below a directory that only one user may enter.
 */
const checkoutMounts = (): string[] => {
  const top = CHECKOUT.split('/')[1] ?? '';
  return [
    ...(KEPT_TOPS.includes(top) ? [] : [`mount -t tmpfs -o mode=0755 tmpfs /${top}`]),
    ...(top === 'root' ? ['chmod 711 /root'] : []),
    `mkdir -p ${CHECKOUT}`,
    // Without -c mount would look for the hidden path that the current directory had.
    `mount -c --bind . ${CHECKOUT}`,
    'cd /',
  ];
};

/** A running init: the child we hold, and the pid (as the machine sees it) whose namespaces are the host's. */
export interface Init {
  readonly child: ChildProcess;
  readonly pid: number;
}

const firstChildOf = async (pid: number): Promise<number | undefined> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const first = Number(children.trim().split(' ')[0]);
  return first > 0 ? first : undefined;
};

/** Starts a host's first process inside of a network namespace. */
export const startInit = async (namespace: string, base: string, hostname: string): Promise<Init> => {
  const unshare = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child=KILL', '--mount-proc'];
  const child = spawnBound(
    ['ip', 'netns', 'exec', namespace, ...unshare, '/bin/sh', '-c', script(base, hostname)],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' },
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  await up(child, () => said);
  const pid = child.pid;
  if (pid === undefined) throw new Error('The host has no pid');
  return { child, pid: await until(() => firstChildOf(pid), { what: 'the first process of a host' }) };
};

const up = async (child: ChildProcess, said: () => string): Promise<void> => {
  if (!child.stdout) throw new Error('The host has no output');
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  try {
    for await (const line of lines) if (line === 'up') return;
    throw new Error(`The host did not come up: ${said()}`);
  } finally {
    clearTimeout(timer);
    lines.close();
    child.stdout.resume();
  }
};
