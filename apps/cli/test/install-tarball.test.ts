import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownRegistry } from '../src/install/registry.ts';
import { openRegistry, parseRegistry } from '../src/install/registry-url.ts';
import { fetchTarball } from '../src/install/tarball.ts';

const BYTES = Buffer.from('what the registry has');
const PINNED = {
  name: '@scope/thing',
  version: '1.2.3',
  integrity: `sha512-${createHash('sha512').update(BYTES).digest('base64')}`,
};
const signal = new AbortController().signal;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ouro-tarball-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A registry that has one file, and notes who asks how for what. */
async function registryWith(body: Buffer, status = 200) {
  const requests: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    requests.push(`${url} ${headers.authorization ?? ''}`.trim());
    response.writeHead(status, { 'content-length': body.length }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { requests, url: new URL(`http://127.0.0.1:${port}/npm/`), [Symbol.asyncDispose]: close };
}

describe('a tarball', () => {
  const fetchIt = (registry: URL) => {
    const seen: [number, number | undefined][] = [];
    const onTransfer = (done: number, total: number | undefined) => void seen.push([done, total]);
    const bytes = fetchTarball(PINNED, { registry, cache: directory, onTransfer, signal });
    return { bytes, seen };
  };

  it('comes from the registry once, and then out of the cache', async () => {
    await using registry = await registryWith(BYTES);
    const first = fetchIt(registry.url);
    expect(Buffer.from(await first.bytes)).toEqual(BYTES);
    expect(first.seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
    expect(Buffer.from(await fetchIt(registry.url).bytes)).toEqual(BYTES);
    expect(registry.requests).toEqual(['/npm/@scope/thing/-/thing-1.2.3.tgz']);
  });

  it('is fetched anew when the cached one was damaged', async () => {
    await using registry = await registryWith(BYTES);
    const file = join(directory, 'thing-1.2.3.tgz');
    await writeFile(file, 'half');
    expect(Buffer.from(await fetchIt(registry.url).bytes)).toEqual(BYTES);
    expect(await readFile(file)).toEqual(BYTES);
  });

  it('is refused when its hash is another, and not kept', async () => {
    await using registry = await registryWith(Buffer.from('something else'));
    await expect(fetchIt(registry.url).bytes).rejects.toMatchObject({
      code: 'install',
      message: expect.stringContaining('is not @scope/thing 1.2.3 as it was published'),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('that cannot be had says why, and no password', async () => {
    await using registry = await registryWith(Buffer.from(''), 403);
    registry.url.username = 'me';
    registry.url.password = 'secret';
    const failed = fetchIt(registry.url).bytes;
    await expect(failed).rejects.toMatchObject({
      code: 'install',
      message: `http://${registry.url.host}/npm/@scope/thing/-/thing-1.2.3.tgz could not be had: the answer was 403`,
    });
    expect(registry.requests[0]).toContain(`Basic ${btoa('me:secret')}`);
  });
});

describe('the registry', () => {
  it("is what the environment says, else npm's configuration, else npm's default", async () => {
    const environment = { PATH: process.env.PATH, HOME: directory };
    const named = { ...environment, npm_config_registry: 'http://named.test/npm' };
    expect((await ownRegistry(named, { signal })).href).toBe('http://named.test/npm/');
    const file = join(directory, '.npmrc');
    await writeFile(file, 'registry=http://configured.test/\n');
    const configured = { ...environment, npm_config_userconfig: file };
    expect((await ownRegistry(configured, { signal })).href).toBe('http://configured.test/');
    expect((await ownRegistry({ PATH: directory }, { signal })).protocol).toBe('https:');
  });

  it('is an http(s) URL, and is not shown with a password', () => {
    expect(parseRegistry('ftp://host.test/')).toBeUndefined();
    expect(parseRegistry('host')).toBeUndefined();
    expect(openRegistry(new URL('https://me:secret@host.test/'))).toBeUndefined();
    expect(openRegistry(new URL('https://host.test/'))).toBe('https://host.test/');
  });
});
