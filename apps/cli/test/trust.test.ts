import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { describe, expect, it } from 'vitest';
import { KnownHosts } from '../src/known-hosts/store.ts';
import { trustOf } from '../src/session/trust.ts';
import { parseTarget } from '../src/transports.ts';

const A = Fingerprint.parse('A1'.repeat(32));
const B = Fingerprint.parse('B2'.repeat(32));

async function memory() {
  const folder = await mkdtemp(join(tmpdir(), 'ouro-trust-'));
  const store = new KnownHosts(join(folder, 'known_hosts.json'));
  const notices: string[] = [];
  return {
    store,
    notices,
    trust: (target: string) =>
      trustOf(parseTarget(target), {
        open: () => Promise.resolve(store),
        now: () => new Date(0),
        notice: (text) => notices.push(text),
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describe('trust on first use', () => {
  it('notes a new host, says so once, and expects it from then on', async () => {
    await using home = await memory();
    const first = home.trust('https://box');
    expect(await first.expected()).toBeUndefined();
    expect(first.pinned).toBe(false);
    await first.check(A);
    expect(home.notices).toEqual([expect.stringContaining(A.compact)]);
    const second = home.trust('https://box');
    expect((await second.expected())?.compact).toBe(A.compact);
    expect(second.pinned).toBe(true);
    await second.check(A);
    expect(home.notices).toHaveLength(1);
  });

  it('refuses a host that has changed, and does not note the change', async () => {
    await using home = await memory();
    await home.trust('http://box:7777').check(A);
    const again = home.trust('http://box:7777');
    await expect(again.check(B)).rejects.toMatchObject({ code: 'fingerprint-mismatch' });
    expect((await home.trust('http://box:7777').expected())?.compact).toBe(A.compact);
  });

  it('remembers the TLS certificate that a host was met with, until it is forgotten', async () => {
    await using home = await memory();
    expect(await home.trust('https://box').tlsPin()).toBeUndefined();
    await home.trust('https://box').check(A, B);
    expect((await home.trust('https://box').tlsPin())?.compact).toBe(B.compact);
    expect(await home.trust('https://box:8443').tlsPin()).toBeUndefined();
    await home.trust('https://box').check(A);
    await expect(home.trust('https://box').check(B, A)).rejects.toMatchObject({
      code: 'fingerprint-mismatch',
    });
    expect((await home.trust('https://box').tlsPin())?.compact).toBe(B.compact);
    await home.trust('https://box').check(A, A);
    expect((await home.trust('https://box').tlsPin())?.compact).toBe(A.compact);
    await home.store.forget(parseTarget('https://box'));
    expect(await home.trust('https://box').tlsPin()).toBeUndefined();
  });

  it('takes any of several that SSH logins to the machine vouched for, and no other', async () => {
    await using home = await memory();
    await home.store.vouch(parseTarget('a@box'), A.compact, new Date(0));
    await home.store.vouch(parseTarget('b@box'), B.compact, new Date(0));
    const trust = home.trust('http://box:7777');
    expect(await trust.expected()).toBeUndefined();
    await trust.check(B);
    await expect(trust.check(Fingerprint.parse('C3'.repeat(32)))).rejects.toMatchObject({
      code: 'fingerprint-mismatch',
    });
    expect(home.notices).toEqual([]);
  });

  it('asks nothing about an agent of this machine, and notes nothing', async () => {
    await using home = await memory();
    for (const target of ['http://127.0.0.1:7777', 'http://localhost', 'http://[::1]:1']) {
      const trust = home.trust(target);
      expect(await trust.expected()).toBeUndefined();
      await trust.check(A);
      await trust.check(B);
    }
    expect(home.notices).toEqual([]);
    expect(await home.store.lookup(parseTarget('http://127.0.0.1:7777'))).toEqual({ kind: 'unknown' });
  });
});
