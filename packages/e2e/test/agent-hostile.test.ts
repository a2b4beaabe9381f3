import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Identity } from '@ouro/fingerprint';
import { WhipError } from '@ouro/transport-whip';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentAndClient } from '../src/programs/agent.ts';
import { connectWeb, identityOf } from '../src/programs/web-client.ts';

const MIB = 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** One POST whose reply is read even if the body is not. */
const post = (url: string, body: Uint8Array | string, type = 'application/sdp'): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'content-type': type } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('an agent among strangers', () => {
  let lab: AgentAndClient;
  let friend: Identity;
  const { signal } = new AbortController();
  beforeAll(async () => {
    lab = await AgentAndClient.create();
    friend = await identityOf(lab.client);
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  /** A flood uses up what an address may send in a while; the owner, who has the same address here, waits for that. */
  async function connectWhenTaken() {
    for (;;) {
      try {
        return await connectWeb({ url: lab.url, identity: friend, signal });
      } catch (error) {
        if (!(error instanceof WhipError) || error.code !== 'too-many') throw error;
        await delay(error.retryAfterMs);
      }
    }
  }

  // Whatever was done to it, it serves its owner afterwards and keeps nothing.
  afterEach(async () => {
    const client = await connectWhenTaken();
    const pane = await client.session.addPane({ command: ['true'] }, { signal });
    expect(await pane.exited).toEqual({ code: 0, signal: null });
    await client[Symbol.asyncDispose]();
    await expect.poll(() => lab.status(), { timeout: 45_000 }).toMatchObject({ peers: [], panes: [] });
  }, 60_000);

  it('refuses a fingerprint that is not authorized', async () => {
    const identity = await Identity.generate();
    const attempt = connectWeb({ url: lab.url, identity, signal });
    await expect(attempt).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('gives nothing to one that announces a friend’s fingerprint and has another certificate', async () => {
    const marker = join(lab.host.path, 'marker');
    const stranger = await Identity.generate();
    const attempt = async () => {
      await using client = await connectWeb({
        url: lab.url,
        identity: stranger,
        signal: AbortSignal.timeout(5000),
        tamper: (offer) => ({
          ...offer,
          sdp: offer.sdp.replace(stranger.fingerprint.sdp, friend.fingerprint.sdp),
        }),
      });
      const pane = await client.session.addPane(
        { command: ['touch', marker] },
        { signal: AbortSignal.timeout(5000) },
      );
      await pane.exited;
    };
    await expect(attempt()).rejects.toThrow();
    await expect(access(marker)).rejects.toThrow('ENOENT');
  }, 60_000);

  it('does not read a POST of 10 MB', async () => {
    expect(await post(`${lab.url}/offer`, Buffer.alloc(10 * MIB, 0x61))).toMatchObject({ status: 413 });
  });

  it.each([
    ['nothing', ''],
    ['no SDP', 'rubbish'],
    ['only a version', 'v=0\r\n'],
    ['a fingerprint and no media', `v=0\r\na=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\n`],
    ['NUL', '\0'.repeat(1000)],
    ['a very long line', `v=0\r\na=${'x'.repeat(60_000)}\r\n`],
  ])('tells that %s is no offer', async (_name, sdp) => {
    const { status, body } = await post(`${lab.url}/offer`, sdp);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.parse(body)).toMatchObject({ status, code: expect.any(String) });
  });

  it('lives through an authorized offer whose lines were spoilt', async () => {
    const spoil = (text: string, seed: number): string => {
      const lines = text.split('\r\n');
      const at = seed % lines.length;
      if (seed % 3 === 0) lines.splice(at, 1);
      else if (seed % 3 === 1) lines[at] = `${lines[at]}\u{1F40D}${'9'.repeat(30)}`;
      else lines.splice(at, 0, lines[(seed * 7) % lines.length] ?? '');
      return lines.join('\r\n');
    };
    for (let seed = 0; seed < 60; seed += 1) {
      const attempt = connectWeb({
        url: lab.url,
        identity: friend,
        signal: AbortSignal.timeout(1500),
        tamper: (offer) => ({ ...offer, sdp: spoil(offer.sdp, seed) }),
      });
      await attempt.then(
        (client) => client[Symbol.asyncDispose](),
        (error: unknown) => expect(error).toMatchObject({ name: expect.any(String) }),
      );
    }
  }, 120_000);

  it('lives through random bytes on every door', async () => {
    const paths = ['/offer', '/connect', '/candidates/x'];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...paths), async (bytes, path) => {
        const { status } = await post(`${lab.url}${path}`, bytes);
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    const { port, hostname } = new URL(lab.url);
    for (let round = 0; round < 50; round += 1) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(randomBytes(2000)));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
  }, 60_000);
});
