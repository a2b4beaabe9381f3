import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_KNOWN_HOSTS_BYTES } from '../src/constants.ts';
import { CliError } from '../src/errors.ts';
import { KnownHosts } from '../src/known-hosts/store.ts';
import { parseTarget } from '../src/transports.ts';

const A = 'A1'.repeat(32);
const B = 'B2'.repeat(32);
const NOW = new Date('2030-01-02T03:04:05Z');

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'ouro-known-'));
  const file = join(path, 'state', 'ouro', 'known_hosts.json');
  return {
    file,
    store: new KnownHosts(file),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const badFile = expect.objectContaining({ code: 'known-hosts', exit: 78 });

describe('known hosts', () => {
  it('knows nobody before the first is met', async () => {
    await using place = await folder();
    expect(await place.store.lookup(parseTarget('https://box'))).toEqual({ kind: 'unknown' });
    expect(await place.store.forget(parseTarget('https://box'))).toBe(false);
  });

  it('keeps the first fingerprint of a host, privately', async () => {
    await using place = await folder();
    const target = parseTarget('https://box:7777');
    await place.store.remember(target, A, NOW);
    await place.store.remember(target, B, NOW);
    expect(await place.store.lookup(target)).toEqual({ kind: 'pinned', fingerprints: [A] });
    expect((await stat(place.file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(place.file, '..'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(place.file, '..'))).toEqual(['known_hosts.json']);
    expect(JSON.parse(await readFile(place.file, 'utf8'))).toEqual({
      version: 1,
      hosts: {
        'https://box:7777': {
          fingerprint: A,
          host: 'box',
          transport: 'whip',
          vouched: false,
          first_seen: NOW.toISOString(),
        },
      },
    });
  });

  it('tells agents apart by port and path, and takes upper and lower case as one', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://box:7777'), A, NOW);
    expect(await place.store.lookup(parseTarget('https://box:7778'))).toEqual({ kind: 'unknown' });
    expect(await place.store.lookup(parseTarget('https://box:7777/alice/offer'))).toEqual({
      kind: 'unknown',
    });
    expect(await place.store.lookup(parseTarget('HTTPS://BOX:7777/offer'))).toMatchObject({ kind: 'pinned' });
  });

  it('holds another transport to what an SSH login vouched for', async () => {
    await using place = await folder();
    await place.store.vouch(parseTarget('alice@box'), A, NOW);
    await place.store.vouch(parseTarget('bob@box'), B, NOW);
    const http = parseTarget('http://box:7777');
    expect(await place.store.lookup(http)).toEqual({ kind: 'pinned', fingerprints: [A, B] });
    expect(await place.store.lookup(parseTarget('http://other:7777'))).toEqual({ kind: 'unknown' });
    await place.store.remember(http, B, NOW);
    expect(await place.store.lookup(http)).toEqual({ kind: 'pinned', fingerprints: [B] });
  });

  it('lets an SSH login replace what it vouched for before, for that login alone', async () => {
    await using place = await folder();
    const [alice, bob] = [parseTarget('alice@box'), parseTarget('bob@box')];
    expect(await place.store.vouch(alice, A, NOW)).toBe('new');
    expect(await place.store.vouch(bob, A, NOW)).toBe('new');
    expect(await place.store.vouch(alice, A, NOW)).toBe('same');
    expect(await place.store.vouch(alice, B, NOW)).toBe('changed');
    expect(await place.store.lookup(alice)).toEqual({ kind: 'pinned', fingerprints: [B] });
    expect(await place.store.lookup(bob)).toEqual({ kind: 'pinned', fingerprints: [A] });
  });

  it('does not let one HTTP address speak for another', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('http://box:1'), A, NOW);
    expect(await place.store.lookup(parseTarget('alice@box'))).toEqual({ kind: 'unknown' });
  });

  it('forgets one host and keeps the others', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://a'), A, NOW);
    await place.store.remember(parseTarget('https://b'), B, NOW);
    expect(await place.store.forget(parseTarget('https://a'))).toBe(true);
    expect(await place.store.lookup(parseTarget('https://a'))).toEqual({ kind: 'unknown' });
    expect(await place.store.lookup(parseTarget('https://b'))).toMatchObject({ kind: 'pinned' });
  });

  it('is not confused by names of the language', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://a'), A, NOW);
    expect(await place.store.lookup(parseTarget('__proto__'))).toEqual({ kind: 'unknown' });
    expect(await place.store.lookup(parseTarget('constructor'))).toEqual({ kind: 'unknown' });
  });

  it('never forgets silently because its file is damaged', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://a'), A, NOW);
    for (const text of [
      '',
      '{',
      '[]',
      '{"version":2,"hosts":{}}',
      '{"version":1,"hosts":{"x":{"fingerprint":"a"}}}',
    ]) {
      await writeFile(place.file, text);
      await expect(place.store.lookup(parseTarget('https://a'))).rejects.toEqual(badFile);
      await expect(place.store.remember(parseTarget('https://b'), B, NOW)).rejects.toEqual(badFile);
      expect(await readFile(place.file, 'utf8')).toBe(text);
    }
  });

  it('refuses a file that is too large', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://a'), A, NOW);
    await writeFile(place.file, ' '.repeat(MAX_KNOWN_HOSTS_BYTES + 1));
    await expect(place.store.lookup(parseTarget('https://a'))).rejects.toEqual(badFile);
  });

  it('of any content is read or refused with its own error', async () => {
    await using place = await folder();
    await place.store.remember(parseTarget('https://a'), A, NOW);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        await writeFile(place.file, text);
        const error = await place.store.lookup(parseTarget('https://a')).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(CliError);
      }),
      { numRuns: 1000 },
    );
  });
});
