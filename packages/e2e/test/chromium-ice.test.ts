import { IcePort, portSockets } from '@ouro/ice/port';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chromium } from '../src/browser/chromium.ts';
import { BROWSER_TIMEOUT_MS } from '../src/browser/constants.ts';
import { describeChromium } from '../src/browser/describe-chromium.ts';
import {
  connectPair,
  exchange,
  type Pair,
  restartByThem,
  restartByUs,
  ufragOf,
  untilSeen,
} from '../src/browser/pair.ts';

const BULK_BYTES = 20 * 1024 * 1024;

describeChromium('paths between our peer and the one of the browser', () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await Chromium.launch();
  }, BROWSER_TIMEOUT_MS);
  afterAll(() => browser[Symbol.asyncDispose]());

  it.for(['we', 'the browser'] as const)(
    'with a shared port that has only TCP 20 MB pass both ways when %s made the offer',
    async (offerer) => {
      await using port = await IcePort.open({ port: 0, hosts: ['127.0.0.1'], udp: false });
      await using pair = await connectPair(browser, offerer, { iceSockets: [portSockets(port)] });
      expect(pair.ours.selectedPair()).toMatchObject({
        local: { protocol: 'tcp', port: port.port },
        remote: { protocol: 'tcp', type: 'prflx' },
      });
      await exchange(pair, BULK_BYTES);
    },
  );

  it('five tabs share one port with us, over UDP, and keep apart', async () => {
    await using port = await IcePort.open({ port: 0, hosts: ['127.0.0.1'] });
    await using cleanup = new AsyncDisposableStack();
    const pairs: Pair[] = [];
    for (let tab = 0; tab < 5; tab += 1) {
      pairs.push(cleanup.use(await connectPair(browser, 'the browser', { iceSockets: [portSockets(port)] })));
    }
    for (const { ours } of pairs) {
      expect(ours.selectedPair()).toMatchObject({ local: { protocol: 'udp', port: port.port } });
    }
    await Promise.all(pairs.map((pair, tab) => exchange(pair, 1024 * 1024, { seed: tab * 2 + 1 })));
  });

  it.for(['us', 'the browser'] as const)(
    'loses no byte when ICE is restarted twice, asked for by %s',
    async (restarter) => {
      await using pair = await connectPair(browser, 'the browser');
      const { ours, theirs } = pair;
      const exchanged = exchange(pair, BULK_BYTES);
      const used = new Set([ufragOf(pair.sdp)]);
      for (let round = 0; round < 2; round += 1) {
        const sdp = restarter === 'us' ? await restartByUs(ours, theirs) : await restartByThem(ours, theirs);
        expect(used).not.toContain(ufragOf(sdp));
        used.add(ufragOf(sdp));
        await untilSeen(
          () => theirs.evaluate(async (peer, ufrag) => (await peer.ufragInUse()) === ufrag, ufragOf(sdp)),
          'the path of the new generation',
        );
        expect(ours.connectionState).toBe('connected');
      }
      await exchanged;
    },
  );

  it('met no fault in the page', () => {
    expect(browser.problems).toEqual([]);
  });
});
