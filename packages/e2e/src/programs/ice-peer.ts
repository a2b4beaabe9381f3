import { createInterface } from 'node:readline';
import { Identity } from '@ouro/fingerprint';
import type { IceServer } from '@ouro/ice';
import { IcePort } from '@ouro/ice/port';
import { negotiate } from '@ouro/negotiation';
import { createPeer } from '@ouro/peer';
import { type Signal, type Signaler, SignalingError, SignalQueue } from '@ouro/signaling';

/**
 * One peer on a host of the lab. Lines of JSON: signals of the far end come on stdin; on stdout go its own (`signal`), servers
 * that were of no use (`error`), then `connected` with the pair and what an echo through it gave, or `failed`.
 *
 * usage: node ice-peer.ts '{"role":"offerer","iceServers":[]}'
 */
interface Spec {
  readonly role: 'offerer' | 'answerer';
  readonly iceServers: IceServer[];
  /** Not a socket of its own, but a port as an agent's peers share one. */
  readonly sharedPort?: boolean;
}

const TIMEOUT_MS = 25_000;
const { role, iceServers, sharedPort }: Spec = JSON.parse(process.argv[2] ?? '{}');
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const queue = new SignalQueue();
createInterface({ input: process.stdin }).on('line', (line) => {
  const signal: Signal = JSON.parse(line);
  queue.push(signal);
});

const signaler: Signaler = {
  trickle: 'both',
  remote: { kind: 'none' },
  send: async (signal) => say({ signal }),
  close: async () => queue.end(),
  [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
  [Symbol.asyncDispose]: async () => queue.end(),
};

const icePort = sharedPort === true ? await IcePort.open({ port: 0 }) : undefined;
const shared = icePort === undefined ? {} : { icePort };
const peer = await createPeer({ identity: await Identity.generate(), iceServers, ...shared });
peer.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) =>
  say({ error: { url, errorCode, errorText } }),
);
peer.addEventListener('datachannel', ({ channel }) => {
  channel.addEventListener('message', ({ data }) => channel.send(`${data} back`));
});
const channel = role === 'offerer' ? peer.createDataChannel('echo') : undefined;
channel?.addEventListener('open', () => channel.send('there and'));
channel?.addEventListener('message', ({ data }) => say({ echoed: data }));
const start = performance.now();
try {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  await negotiate(peer, signaler, { role, signal, authorize: async () => {} });
  say({ connected: { pair: peer.selectedPair(), ms: performance.now() - start } });
} catch (thrown) {
  say({ failed: SignalingError.from(thrown).code });
}
