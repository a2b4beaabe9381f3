import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import type { DataChannel } from '@ouro/sctp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bulkBytes, event, sendBulk, sha256 } from '../src/browser/bulk.ts';
import { Chromium } from '../src/browser/chromium.ts';
import { BROWSER_TIMEOUT_MS } from '../src/browser/constants.ts';
import { describeChromium } from '../src/browser/describe-chromium.ts';
import {
  connectPair,
  exchange,
  MAX_MESSAGE_BYTES,
  type Offerer,
  type Pair,
  untilSeen,
} from '../src/browser/pair.ts';

const BULK_BYTES = 20 * 1024 * 1024;

describeChromium('channels between our peer and the one of the browser', () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await Chromium.launch();
  }, BROWSER_TIMEOUT_MS);
  afterAll(() => browser[Symbol.asyncDispose]());

  const connect = (offerer: Offerer): Promise<Pair> => connectPair(browser, offerer);

  it.for(['we', 'the browser'] as const)(
    'both know whom they are connected with when %s made the offer',
    async (offerer) => {
      await using pair = await connect(offerer);
      const shown = await pair.theirs.evaluate((peer) => peer.remoteCertificate());
      expect((await Fingerprint.fromDer(new Uint8Array(shown))).compact).toBe(
        pair.identity.fingerprint.compact,
      );
      const announced = /a=fingerprint:(.*)\r\n/.exec(pair.sdp)?.[1] ?? '';
      expect((await pair.ours.remoteFingerprint())?.sdp).toBe(announced);
      expect(pair.ours.connectionState).toBe('connected');
      expect(pair.ours.selectedPair()).toMatchObject({ local: { protocol: 'udp' } });
    },
  );

  it.for(['we', 'the browser'] as const)(
    'messages of each kind pass in order both ways when %s made the offer',
    async (offerer) => {
      await using pair = await connect(offerer);
      const messages = ['text', '', 'ü€😀', [1, 2, 3], [], [0], 'last'];
      const back: unknown[] = [];
      pair.main.addEventListener('message', ({ data }) => {
        back.push(typeof data === 'string' ? data : [...new Uint8Array(data)]);
      });
      for (const message of messages) {
        await pair.theirs.evaluate((peer, sent) => peer.send('main', sent), message);
        pair.main.send(typeof message === 'string' ? message : new Uint8Array(message));
      }
      const received = (): Promise<unknown[]> => pair.theirs.evaluate((peer) => peer.received('main'));
      await untilSeen(async () => (await received()).length === messages.length, 'the messages');
      await untilSeen(async () => back.length === messages.length, 'the messages back');
      expect(await received()).toEqual(messages);
      expect(back).toEqual(messages);
    },
  );

  it.for([
    ['we', MAX_MESSAGE_BYTES, BULK_BYTES],
    ['we', 1, 20_000],
    ['the browser', 1191, BULK_BYTES],
    ['the browser', 65_537, BULK_BYTES],
  ] as const)(
    'when %s made the offer, messages of %i bytes, %i in all, pass both ways at once, byte for byte',
    async ([offerer, messageBytes, length]) => {
      await using pair = await connect(offerer);
      await exchange(pair, length, { messageBytes });
    },
  );

  it('many channels from both ends keep apart, with their names and kinds', async () => {
    await using pair = await connect('the browser');
    const names = Array.from({ length: 20 }, (_, index) => `channel ${index} ü`);
    const incoming = new Map<string, DataChannel>();
    pair.ours.addEventListener('datachannel', ({ channel }) => incoming.set(channel.label, channel));
    for (const name of names) {
      pair.ours.createDataChannel(`our ${name}`, { protocol: 'p', ordered: name.length % 2 === 0 });
      await pair.theirs.evaluate((peer, label) => peer.create(label, { protocol: 'q' }), `their ${name}`);
    }
    await untilSeen(async () => incoming.size === names.length, 'their channels');
    for (const name of names) {
      const label = `our ${name}`;
      await untilSeen(
        () => pair.theirs.evaluate((peer, wanted) => peer.channelState(wanted) === 'open', label),
        label,
      );
      expect(await pair.theirs.evaluate((peer, wanted) => peer.describe(wanted), label)).toMatchObject({
        protocol: 'p',
        ordered: name.length % 2 === 0,
      });
      const channel = incoming.get(`their ${name}`);
      expect(channel?.protocol).toBe('q');
      channel?.send(name);
      await untilSeen(
        () =>
          pair.theirs.evaluate(
            (peer, wanted) => peer.received(wanted)[0] === wanted.slice(6),
            `their ${name}`,
          ),
        `the message of ${name}`,
      );
    }
  });

  it.for([{ ordered: false }, { maxRetransmits: 0 }, { ordered: false, maxPacketLifeTime: 500 }])(
    'a channel of kind %o of the browser carries messages both ways',
    async (init) => {
      await using pair = await connect('we');
      const incoming = Promise.withResolvers<DataChannel>();
      pair.ours.addEventListener('datachannel', ({ channel }) => incoming.resolve(channel));
      await pair.theirs.evaluate((peer, kind) => peer.create('kind', kind), init);
      const channel = await incoming.promise;
      channel.addEventListener('message', ({ data }) => channel.send(`${data} back`));
      await untilSeen(
        () => pair.theirs.evaluate((peer) => peer.channelState('kind') === 'open'),
        'the channel',
      );
      await pair.theirs.evaluate((peer) => peer.send('kind', 'there and'));
      await untilSeen(
        () => pair.theirs.evaluate((peer) => peer.received('kind')[0] === 'there and back'),
        'the echo',
      );
    },
  );

  it('a closed channel is seen closed at the other end, and a new one takes its place', async () => {
    await using pair = await connect('the browser');
    for (let round = 0; round < 3; round += 1) {
      const label = `round ${round}`;
      const channel = pair.ours.createDataChannel(label);
      await event(channel, 'open');
      await untilSeen(
        () => pair.theirs.evaluate((peer, wanted) => peer.channelState(wanted) === 'open', label),
        'the channel',
      );
      const closed = event(channel, 'close');
      if (round % 2 === 0) channel.close();
      else await pair.theirs.evaluate((peer, wanted) => peer.closeChannel(wanted), label);
      await closed;
      await untilSeen(
        () => pair.theirs.evaluate((peer, wanted) => peer.channelState(wanted) === 'closed', label),
        'the end of the channel',
      );
    }
    expect(pair.main.readyState).toBe('open');
  });

  it('what was sent before a channel was closed arrives', async () => {
    await using pair = await connect('we');
    const length = 1024 * 1024;
    await pair.theirs.evaluate((peer, bytes) => peer.expectBulk('main', bytes), length);
    await sendBulk(pair.main, bulkBytes(length, 3), MAX_MESSAGE_BYTES);
    pair.main.close();
    expect(await pair.theirs.evaluate((peer) => peer.bulkHash('main'))).toBe(
      await sha256(bulkBytes(length, 3)),
    );
  });

  it('a page gets what came on channels that lived for a moment', async () => {
    await using pair = await connect('the browser');
    const labels = Array.from({ length: 60 }, (_, index) => `short ${index}`);
    for (const label of labels) {
      const channel = pair.ours.createDataChannel(label);
      channel.addEventListener('open', () => {
        channel.send('all there is');
        channel.close();
      });
      await event(channel, 'close');
    }
    for (const label of labels) {
      await untilSeen(
        () => pair.theirs.evaluate((peer, wanted) => peer.channelState(wanted) === 'closed', label),
        label,
      );
      expect(await pair.theirs.evaluate((peer, wanted) => peer.received(wanted), label)).toEqual([
        'all there is',
      ]);
    }
  });

  it('the browser sees that we have closed the connection', async () => {
    await using pair = await connect('we');
    pair.ours.close();
    await untilSeen(() => pair.theirs.evaluate((peer) => peer.channelState('main') === 'closed'), 'the end');
  });

  it('we see that the browser has closed the connection', async () => {
    await using pair = await connect('the browser');
    const closed = event(pair.main, 'close');
    await pair.theirs.evaluate((peer) => peer.close());
    await closed;
    expect(pair.ours.connectionState).toBe('closed');
  });

  it('met no fault in the page', () => {
    expect(browser.problems).toEqual([]);
  });
});
