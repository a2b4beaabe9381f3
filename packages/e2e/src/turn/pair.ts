import type { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer, type Peer, type PeerOptions } from '@ouro/peer';
import type { DataChannel } from '@ouro/sctp';
import { memoryPair } from '@ouro/signaling/memory';

/** Two peers of this process, connected, with a channel. */
export interface PeerPair extends AsyncDisposable {
  readonly near: Peer;
  readonly far: Peer;
  /** Sends a message from one to the other and back. @returns what came back */
  echo(message: Uint8Array): Promise<Uint8Array>;
}

/** Connects two peers, each with options of its own; `identity` is that of both. */
export async function connectPair(
  identity: Identity,
  [nearOptions, farOptions]: readonly [Partial<PeerOptions>, Partial<PeerOptions>],
): Promise<PeerPair> {
  await using stack = new AsyncDisposableStack();
  const near = stack.use(await createPeer({ identity, iceServers: [], ...nearOptions }));
  const far = stack.use(await createPeer({ identity, iceServers: [], ...farOptions }));
  const channel = near.createDataChannel('echo');
  far.addEventListener('datachannel', ({ channel: other }) => {
    other.addEventListener('message', ({ data }) =>
      other.send(new Uint8Array(data as Uint8Array<ArrayBuffer>)),
    );
  });
  const [a, b] = memoryPair();
  const signal = AbortSignal.timeout(20_000);
  await Promise.all([
    negotiate(near, a, { role: 'offerer', signal }),
    negotiate(far, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  const all = stack.move();
  return {
    near,
    far,
    echo: (message) => echo(channel, message),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function echo(channel: DataChannel, message: Uint8Array): Promise<Uint8Array> {
  if (channel.readyState !== 'open') {
    await new Promise<void>((resolve) => channel.addEventListener('open', () => resolve(), { once: true }));
  }
  const back = new Promise<Uint8Array>((resolve) => {
    channel.addEventListener('message', ({ data }) => resolve(new Uint8Array(data as Uint8Array)), {
      once: true,
    });
  });
  channel.send(new Uint8Array(message));
  return back;
}
