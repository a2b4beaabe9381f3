import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  type Host,
  hostTaking,
  Lab,
  LabRegistry,
  makeLoginKey,
  Pty,
  publishedTarball,
  putClient,
  putNode,
  until,
} from '../src/lab/index.ts';
import { NODE_18 } from '../src/programs/paths.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const VERSION = read('../../../.node-version').trim();
const NAME = `node-linux-${process.arch}`;
const TARBALL = `/${NAME}/-/${NAME}-${VERSION}.tgz`;
const PTY_VERSION =
  /"version": "(.+)"/.exec(read('../node_modules/@lydell/node-pty/package.json'))?.[1] ?? '';

/** A platform that this machine is not of. */
const OTHER =
  process.arch === 'arm64' ? { arch: 'x64', machine: 'x86_64' } : { arch: 'arm64', machine: 'aarch64' };
const OTHER_PTY = `@lydell/node-pty-linux-${OTHER.arch}`;
const OTHER_PTY_PATH = `/${OTHER_PTY}/-/node-pty-linux-${OTHER.arch}-${PTY_VERSION}.tgz`;

/** Where the agent and its Node are on a host. */
const DIRECTORY = '~/.local/share/ouro';

/** What a registry may be reached with, besides Node. */
const WEB_TOOLS = '/usr/bin/curl /usr/bin/wget';
const HASH_TOOLS = '/usr/bin/sha512sum /usr/bin/shasum /usr/bin/openssl';

describeLab('ouro install where no Node will do', [], () => {
  let lab: Lab;
  let laptop: Host;
  let registry: LabRegistry;
  let corrupt: LabRegistry;
  beforeAll(async () => {
    const files = {
      [TARBALL]: await publishedTarball(NAME, VERSION),
      [OTHER_PTY_PATH]: await publishedTarball(OTHER_PTY, PTY_VERSION),
    };
    const key = await makeLoginKey();
    const boxes = ['bare', 'old', 'sealed', 'musl', 'strange'];
    const online = ['laptop', 'bare', 'old'];
    lab = await Lab.create({
      hosts: {
        laptop: { users: { me: {} } },
        registry: {},
        ...Object.fromEntries(boxes.map((name) => [name, hostTaking(key)])),
      },
      links: [
        ...boxes.map((name) => ({ between: ['laptop', name] as const })),
        ...online.map((name) => ({ between: [name, 'registry'] as const })),
      ],
    });
    laptop = lab.host('laptop');
    const keys = boxes.map(async (name) => `${name} ${await lab.sshd(name).hostKey()}\n`);
    await giveKey(lab, laptop, 'me', key, 'bare');
    await laptop.writeHome('me', '.ssh/known_hosts', (await Promise.all(keys)).join(''));
    await putClient(laptop);
    await lab.host('sealed').passSshOnly();
    registry = await LabRegistry.start(lab.host('registry'), { port: 4873, files });
    const bytes = await readFile(files[TARBALL] ?? '');
    bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] ?? 0) ^ 1;
    const damaged = `${lab.directory}/registry/home/damaged.tgz`;
    await writeFile(damaged, bytes);
    corrupt = await LabRegistry.start(lab.host('registry'), {
      port: 4874,
      files: { [TARBALL]: '/home/damaged.tgz' },
    });
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const me = () => ({ user: 'me', timeoutMs: 100_000, env: { npm_config_registry: registry.url } });
  const ouro = (...args: string[]) => laptop.exec(['ouro', ...args], me());
  const on = (box: string, command: string) => lab.host(box).must(command, { user: 'ada' });
  const asked = (name: string) => `${lab.host(name).addressTo('registry')} ${TARBALL}`;
  const byWebRtc = async (box: string) => {
    const run = await ouro('--no-fallback', `ada@${box}`, '--', 'sh', '-c', 'env | grep -c ^SSH_CONNECTION');
    expect(run).toMatchObject({ stdout: '0\n', stderr: '' });
  };
  /** Runs the client so that it has cached nothing. */
  const anew = (...args: string[]) =>
    laptop.exec(['ouro', ...args], { ...me(), env: { ...me().env, XDG_CACHE_HOME: '/tmp/none' } });

  it('refuses a package that is not the pinned one, and leaves nothing', async () => {
    for (const box of ['bare', 'old', 'sealed']) {
      const run = await anew('install', '--registry', corrupt.url, `ada@${box}`);
      expect(run).toMatchObject({ code: 69, stdout: '' });
      expect(run.stderr).toMatch(/is not node-linux-\S+ \S+ as it was published[\s\S]*refused/);
      expect(await on(box, 'find ~ -name "*ouro*" -o -name "node-*"')).toBe('');
    }
    expect(corrupt.requests).toHaveLength(3);
    expect(await laptop.must('find /tmp/none -name "*.tgz"; true', { user: 'me' })).toBe('');
  });

  it('says it when no registry is within reach of either', async () => {
    const run = await ouro('install', '--registry', 'http://registry:4999/', 'ada@sealed');
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(
      /sealed has no Node\.js 22\.12 or newer and could not fetch one \(.+\); nor could this machine: .*ECONNREFUSED/,
    );
    expect(await on('sealed', 'ls -A ~/.local/share')).toBe('');
  });

  it('--dry-run says that it would bring one', async () => {
    const run = await ouro('install', '--dry-run', 'ada@bare');
    expect(run.stdout).toContain(`bring Node.js ${VERSION}, which it lacks`);
    expect(registry.requests).toEqual([]);
  });

  it('the host fetches it by itself, and is run by it', async () => {
    const run = await ouro('install', 'ada@bare');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`ada@bare had no Node.js that will do; ${VERSION} was fetched there.`);
    expect(registry.requests).toEqual([asked('bare')]);
    expect(await on('bare', `ls -A ${DIRECTORY} | grep node`)).toBe(`node-${VERSION}\n`);
    await byWebRtc('bare');
  });

  it('run again it brings nothing, and removes what no longer serves', async () => {
    const before = registry.requests.length;
    await on('bare', `mkdir -p ${DIRECTORY}/node-20.0.0/bin ${DIRECTORY}/node-${VERSION}.part.999999999`);
    const run = await ouro('install', 'ada@bare');
    expect(run.stdout).toMatch(/^agent-\S+ is on ada@bare already/);
    expect(registry.requests).toHaveLength(before);
    expect(await on('bare', `ls -A ${DIRECTORY} | grep node`)).toBe(`node-${VERSION}\n`);
  });

  it('a Node of the host goes first; the one that was brought goes when no agent is run by it', async () => {
    await putNode(lab.host('bare'));
    await on('bare', 'pgrep -u ada -f ouro-agent');
    expect(await ouro('install', 'ada@bare')).toMatchObject({ code: 0, stderr: '' });
    expect(await on('bare', `cat ${DIRECTORY}/ouro-agent`)).toContain('/usr/local/bin/node');
    expect(await on('bare', `ls -A ${DIRECTORY} | grep node`)).toBe(`node-${VERSION}\n`);
    await on('bare', '~/.local/bin/ouro-agent stop');
    expect(await ouro('install', 'ada@bare')).toMatchObject({ code: 0, stderr: '' });
    expect(await on('bare', `ls -A ${DIRECTORY} | grep node; true`)).toBe('');
    await byWebRtc('bare');
  });

  it('an old Node fetches the new one where nothing else can', async ({ skip }) => {
    skip(process.arch !== 'x64', 'there is a Node 18 for x64 alone');
    const old = lab.host('old');
    await putNode(old, NODE_18);
    await old.must(`rm -f ${WEB_TOOLS} ${HASH_TOOLS}`);
    const refused = await anew('install', '--registry', corrupt.url, 'ada@old');
    expect(refused.stderr).toMatch(/as it was published/);
    const run = await ouro('install', 'ada@old');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(registry.requests.at(-1)).toBe(asked('old'));
    await byWebRtc('old');
  });

  it('a host that is reached by SSH alone gets it over that, with a bar', async () => {
    await using shown = Pty.start(laptop, ['ouro', 'install', 'ada@sealed'], me());
    await shown.shows(/Sending Node \S+ {2}\[#+-*\] +\d+ % {2}\d+\.\d of \d+\.\d MB/, 60_000);
    await shown.shows(/was sent there by this machine/, 60_000);
    expect(await shown.exited).toMatchObject({ code: 0 });
    expect(registry.requests.at(-1)).toBe(asked('laptop'));
    expect(await on('sealed', `ls -A ${DIRECTORY} | grep node`)).toBe(`node-${VERSION}\n`);
  });

  it('sends it out of its cache the next time; broken off it leaves nothing half', async () => {
    const before = registry.requests.length;
    await on('sealed', `rm -rf ~/.local`);
    const client = laptop.spawn(['ouro', 'install', 'ada@sealed'], me());
    await until(async () => (await on('sealed', `ls -A ${DIRECTORY} || true`)).includes('.part.'), {
      what: 'the first bytes',
      pollMs: 10,
    });
    await client.kill('SIGKILL');
    await until(async () => (await on('sealed', 'ls -A ~/.local/share')) === '', { what: 'an empty folder' });
    expect(await ouro('install', 'ada@sealed')).toMatchObject({ code: 0, stderr: '' });
    expect(registry.requests).toHaveLength(before);
    await lab.host('sealed').passAll();
    await byWebRtc('sealed');
  });

  it('brings the terminal of another platform, which neither this machine nor an npm there has', async () => {
    const uname = `#!/bin/sh\ncase $1 in -m) echo ${OTHER.machine} ;; *) exec /usr/bin/uname "$@" ;; esac\n`;
    await lab.host('strange').writeFile('/usr/local/bin/uname', uname, 0o755);
    await putNode(lab.host('strange'));
    expect(await ouro('install', 'ada@strange')).toMatchObject({ code: 0, stderr: '' });
    expect(registry.requests.at(-1)).toBe(`${lab.host('laptop').addressTo('registry')} ${OTHER_PTY_PATH}`);
    const modules = await on('strange', `ls ${DIRECTORY}/current/node_modules/@lydell`);
    expect(modules).toBe(`node-pty\nnode-pty-linux-${OTHER.arch}\n`);
    await lab.host('strange').must('rm /usr/local/bin/node');
    await on('strange', 'rm -rf ~/.local ~/.config ~/.cache');
  });

  it('says it plainly where no official build is to be had', async () => {
    const musl = '#!/bin/sh\necho "musl libc (x86_64)" >&2\necho "Version 1.2.5" >&2\nexit 1\n';
    await lab.host('musl').writeFile('/usr/local/bin/ldd', musl, 0o755);
    const uname = '#!/bin/sh\ncase $1 in -m) echo riscv64 ;; *) exec /usr/bin/uname "$@" ;; esac\n';
    await lab.host('strange').writeFile('/usr/local/bin/uname', uname, 0o755);
    const said = {
      musl: /musl has no Node\.js 22\.12 or newer \(found: none\)\. .* C library \(musl\): install Node\.js there/,
      strange:
        /No official build of Node\.js \S+ is there .* for its platform \(linux-riscv64\): install Node\.js there/,
    };
    for (const [box, pattern] of Object.entries(said)) {
      const run = await ouro('install', `ada@${box}`);
      expect(run).toMatchObject({ code: 69, stdout: '' });
      expect(run.stderr).toMatch(pattern);
      expect(await on(box, 'ls -A ~')).toBe('.ssh\n');
    }
  });
});
