import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostNode } from '../src/install/host-node.ts';
import { parseNodeAnswer, receiveNodeCommand } from '../src/install/node-scripts.ts';
import { NODE_BUILDS, NODE_VERSION } from '../src/install/pinned-packages.ts';
import { parseProbe } from '../src/install/probe.ts';
import { barLine, TransferBar } from '../src/install/transfer-bar.ts';
import { ErrorOutput } from '../src/report/error-output.ts';

describe('the Node of a host', () => {
  const nodeOf = (probe: string) => hostNode(parseProbe(probe), 'box');

  it('is the first that is new enough', () => {
    const probe =
      'system Linux x86_64\nnode v18.20.8 /usr/bin/node\nnode v22.12.0 /opt/node/bin/node\nnode v26.0.0 /x/node';
    expect(nodeOf(probe)).toMatchObject({ path: '/opt/node/bin/node', build: undefined });
  });

  it.each([
    ['Linux x86_64', 'linux-x64'],
    ['Linux aarch64', 'linux-arm64'],
    ['Darwin x86_64', 'darwin-x64'],
    ['Darwin arm64', 'darwin-arm64'],
  ])('has to be brought to a %s without one', (system, platform) => {
    expect(nodeOf(`system ${system}\nnode v18.20.8 /usr/bin/node`)).toEqual({
      path: `~/.local/share/ouro/node-${NODE_VERSION}/bin/node`,
      build: NODE_BUILDS[platform],
      oldNode: '/usr/bin/node',
    });
  });

  it.each([
    ['Linux armv7l', 'linux-arm'],
    ['Linux ppc64le', 'linux-ppc64'],
    ['Linux s390x', 'linux-s390x'],
    ['FreeBSD amd64', 'freebsd-x64'],
  ])('is the business of the owner of a %s', (system, platform) => {
    expect(() => nodeOf(`system ${system}`)).toThrow(`for its platform (${platform}): install Node.js there`);
  });

  it('is the business of the owner where the C library is musl, unless there is one', () => {
    expect(() => nodeOf('system Linux x86_64\nlibc musl')).toThrow('C library (musl): install Node.js there');
    expect(nodeOf('system Linux x86_64\nlibc musl\nnode v24.0.0 /usr/bin/node').path).toBe('/usr/bin/node');
  });
});

describe('a host that receives Node', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ouro-receive-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  /** A package of Node whose program is this script. */
  async function packageOf(program: string) {
    await mkdir(join(home, 'package/bin'), { recursive: true });
    await writeFile(join(home, 'package/bin/node'), `#!/bin/sh\n${program}\n`);
    await chmod(join(home, 'package/bin/node'), 0o755);
    await writeFile(join(home, 'package/LICENSE'), '');
    spawnSync('tar', ['-czf', 'tgz', 'package'], { cwd: home });
    const bytes = await readFile(join(home, 'tgz'));
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    return { bytes, build: { name: 'node-test', version: '1.0.0', integrity } };
  }

  const place = () => join(home, '.local/share/ouro');
  function receive(command: string, bytes: Uint8Array) {
    const env = { PATH: process.env.PATH, HOME: home };
    const { stdout, status } = spawnSync(command, { shell: true, env, input: bytes, encoding: 'utf8' });
    return { status, answer: parseNodeAnswer(stdout) };
  }

  it('puts it in its place, instead of what was there', async () => {
    const { bytes, build } = await packageOf('echo v1.0.0');
    await mkdir(join(place(), 'node-1.0.0/bin'), { recursive: true });
    const detail = join(place(), 'node-1.0.0/bin/node');
    const command = receiveNodeCommand(build, bytes.length);
    expect(receive(command, bytes)).toEqual({ status: 0, answer: { state: 'placed', detail } });
    expect(spawnSync(detail, { encoding: 'utf8' }).stdout).toBe('v1.0.0\n');
    expect(await readdir(place())).toEqual(['node-1.0.0']);
  });

  it('keeps nothing of one that came in part, is another, or does not run', async () => {
    const { bytes, build } = await packageOf('echo "GLIBC_2.28 not found" >&2; exit 1');
    const command = receiveNodeCommand(build, bytes.length);
    expect(receive(command, bytes.subarray(1))).toEqual({ status: 1, answer: undefined });
    const other = Buffer.from(bytes).fill(0, 0, 4);
    expect(receive(command, other).answer).toMatchObject({ state: 'corrupt' });
    const why = { state: 'unusable', detail: 'GLIBC_2.28 not found' };
    expect(receive(command, bytes).answer).toEqual(why);
    expect(await readdir(join(home, '.local/share'))).toEqual([]);
  });

  it('is told so in one word of any login shell', () => {
    const build = NODE_BUILDS['linux-x64'];
    const word = /^sh -c '(.*)'$/.exec(build ? receiveNodeCommand(build, 1) : '')?.[1];
    expect(word).toMatch(/^[^'\\!]+$/);
  });
});

describe('the bar of a transfer', () => {
  it('shows the share, as far as it is known, in one line', () => {
    expect(barLine('Sending', 0, 57_300_000)).toBe(
      'Sending  [------------------------]   0 %  0.0 of 57.3 MB',
    );
    expect(barLine('Sending', 28_650_000, 57_300_000)).toBe(
      'Sending  [############------------]  50 %  28.6 of 57.3 MB',
    );
    expect(barLine('Fetching', 57_300_000, undefined)).toBe('Fetching  57.3 MB');
    expect(barLine('Fetching', 9, 3)).toContain('] 100 %');
  });

  it('is drawn on a terminal alone, and leaves no trace', () => {
    class Drawn extends ErrorOutput {
      text = '';
      override draw(text: string): void {
        this.text += text;
      }
    }
    const output = new Drawn();
    for (const columns of [undefined, 20]) {
      using bar = new TransferBar(output, 'Sending', columns);
      bar.onTransfer(1, 2);
      bar.onTransfer(1, 2);
      expect(output.text === '').toBe(columns === undefined);
    }
    expect(output.text).toBe(`\r\x1b[KSending  [#########\r\x1b[K`);
  });
});
