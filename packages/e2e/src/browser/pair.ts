import { Identity } from '@ouro/fingerprint';
import { createPeer, type Peer, type PeerOptions } from '@ouro/peer';
import type { DataChannel } from '@ouro/sctp';
import type { JSHandle } from 'playwright-core';
import { until } from '../lab/until.ts';
import { bulkBytes, event, receiveBulk, sendBulk, sha256 } from './bulk.ts';
import type { Chromium } from './chromium.ts';
import { BROWSER_TIMEOUT_MS } from './constants.ts';
import type { BrowserPeer } from './page/channels.ts';

/** The largest message that either end announces to take. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** Who makes the offer. */
export type Offerer = 'we' | 'the browser';

/** Our peer and the browser's, connected, with a channel `main` that the offerer made. */
export interface Pair extends AsyncDisposable {
  readonly ours: Peer;
  readonly theirs: JSHandle<BrowserPeer>;
  readonly main: DataChannel;
  readonly identity: Identity;
  /** The browser's description. */
  readonly sdp: string;
}

/** Waits for what a page will show; `what` is said when it never does. */
export const untilSeen = <Value>(
  look: () => Promise<Value | false | undefined>,
  what: string,
): Promise<Value> => until(look, { timeoutMs: BROWSER_TIMEOUT_MS, what });

/** Connects a peer of this process with one in a tab of its own. */
export async function connectPair(
  browser: Chromium,
  offerer: Offerer,
  network: Partial<PeerOptions> = { loopbackOnly: true },
): Promise<Pair> {
  const page = await browser.open('channels');
  const theirs = await page.evaluateHandle(() => window.browserPeer());
  const identity = await Identity.generate();
  const ours = await createPeer({ identity, iceServers: [], ...network });
  const dispose = async (): Promise<void> => {
    ours.close();
    await page.close();
  };
  const sdp = offerer === 'we' ? await offerTo(ours, theirs) : await offerFrom(ours, theirs);
  const main = await sdp.main;
  await untilSeen(() => theirs.evaluate((peer) => peer.channelState('main') === 'open'), 'the channel');
  return { ours, theirs, main, identity, sdp: sdp.theirs, [Symbol.asyncDispose]: dispose };
}

/** Both ends send bytes at once, and each gets what the other sent. */
export async function exchange(
  { ours, theirs, main }: Pair,
  length: number,
  { messageBytes = MAX_MESSAGE_BYTES, seed = 1 } = {},
): Promise<void> {
  await theirs.evaluate((peer, bytes) => peer.expectBulk('main', bytes), length);
  const ourHash = receiveBulk(main, length);
  await Promise.all([
    sendBulk(main, bulkBytes(length, seed), messageBytes),
    theirs.evaluate((peer, [bytes, from, size]) => peer.sendBulk('main', bytes, from, size), [
      length,
      seed + 1,
      messageBytes,
    ] as const),
  ]);
  same(await theirs.evaluate((peer) => peer.bulkHash('main')), await sha256(bulkBytes(length, seed)));
  same(await ourHash, await sha256(bulkBytes(length, seed + 1)));
  same(ours.connectionState, 'connected');
}

function same(got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${got} instead of ${wanted}`);
}

interface Connected {
  readonly main: Promise<DataChannel>;
  /** The browser's description. */
  readonly theirs: string;
}

async function offerTo(ours: Peer, browser: JSHandle<BrowserPeer>): Promise<Connected> {
  const main = ours.createDataChannel('main');
  const opened = event(main, 'open');
  await ours.setLocalDescription(await ours.createOffer());
  await gathered(ours);
  const theirs = await browser.evaluate((peer, sdp) => peer.answer(sdp), ours.localDescription?.sdp ?? '');
  await ours.setRemoteDescription({ type: 'answer', sdp: theirs });
  return { main: opened.then(() => main), theirs };
}

async function offerFrom(ours: Peer, browser: JSHandle<BrowserPeer>): Promise<Connected> {
  const main = Promise.withResolvers<DataChannel>();
  ours.addEventListener('datachannel', ({ channel }) => main.resolve(channel), { once: true });
  const theirs = await browser.evaluate((peer) => {
    peer.create('main');
    return peer.offer();
  });
  await ours.setRemoteDescription({ type: 'offer', sdp: theirs });
  await ours.setLocalDescription(await ours.createAnswer());
  await gathered(ours);
  await browser.evaluate((peer, sdp) => peer.accept(sdp), ours.localDescription?.sdp ?? '');
  return { main: main.promise, theirs };
}

/** @returns the browser's new description */
export async function restartByUs(ours: Peer, browser: JSHandle<BrowserPeer>): Promise<string> {
  ours.restartIce();
  await ours.setLocalDescription(await ours.createOffer());
  await gathered(ours);
  const answer = await browser.evaluate((peer, sdp) => peer.answer(sdp), ours.localDescription?.sdp ?? '');
  await ours.setRemoteDescription({ type: 'answer', sdp: answer });
  return answer;
}

/** @returns the browser's new description */
export async function restartByThem(ours: Peer, browser: JSHandle<BrowserPeer>): Promise<string> {
  const offer = await browser.evaluate((peer) => {
    peer.restartIce();
    return peer.offer();
  });
  await ours.setRemoteDescription({ type: 'offer', sdp: offer });
  await ours.setLocalDescription(await ours.createAnswer());
  await gathered(ours);
  await browser.evaluate((peer, sdp) => peer.accept(sdp), ours.localDescription?.sdp ?? '');
  return offer;
}

/** The ICE user name fragment of a description. */
export const ufragOf = (sdp: string): string => /a=ice-ufrag:(.*)\r\n/.exec(sdp)?.[1] ?? '';

async function gathered(peer: Peer): Promise<void> {
  if (peer.iceGatheringState === 'complete') return;
  await new Promise<void>((resolve) => {
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState === 'complete') resolve();
    });
  });
}
