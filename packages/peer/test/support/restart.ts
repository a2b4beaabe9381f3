import type { Peer } from '../../src/index.ts';

/** Offers with new credentials, has it answered, and gives the answer to the offerer; candidates are in the descriptions. */
export async function restart(offerer: Peer, answerer: Peer): Promise<void> {
  await offerer.setLocalDescription(await offerer.createOffer({ iceRestart: true }));
  await answerer.setRemoteDescription(described(offerer));
  await answerer.setLocalDescription(await answerer.createAnswer());
  await offerer.setRemoteDescription(described(answerer));
}

/** The local description, as it would be sent now. */
export function described({ localDescription }: Peer): { type: 'offer' | 'answer'; sdp: string } {
  const { type, sdp } = localDescription ?? {};
  if ((type !== 'offer' && type !== 'answer') || sdp === undefined)
    throw new Error('There is no description');
  return { type, sdp };
}

/** The value of an attribute of the local description. */
export function attribute(peer: Peer, name: string): string {
  return new RegExp(`a=${name}:(.*)\r\n`).exec(peer.localDescription?.sdp ?? '')?.[1] ?? '';
}

/** Resolves when both use another path than before. */
export async function moved(peer: Peer, from: string): Promise<void> {
  await polled(() => pairId(peer) !== from);
}

/** Names the path in use. */
export function pairId(peer: Peer): string {
  const { local, remote } = peer.selectedPair() ?? {};
  return `${local?.address}:${local?.port} ${remote?.address}:${remote?.port}`;
}

async function polled(condition: () => boolean): Promise<void> {
  const until = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > until) throw new Error('It did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
