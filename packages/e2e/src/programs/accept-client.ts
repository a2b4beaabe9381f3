import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Identity } from '@ouro/fingerprint';
import { createPeer, type Peer } from '@ouro/peer';
import type { CandidateLike } from '@ouro/webrtc-types';

/**
 * A client of `accept` that shares no code with Ouro's own: it runs `ssh -tt <args>`, waits for READY, and then speaks
 * RTCSessionDescriptionInit and RTCIceCandidateInit, one JSON text a line, cut at random bytes. Each run prints `ok`.
 *
 * usage: node accept-client.ts <runs> <ssh arguments...>
 */
const [runs = '1', ...sshArguments] = process.argv.slice(2);
const RUN_TIMEOUT_MS = 20_000;

const identity = await Identity.generate();

/** Writes a text in pieces, each a write of its own. */
const writeInPieces = async (ssh: ChildProcessWithoutNullStreams, text: string): Promise<void> => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(Math.random() * 700);
    await new Promise<void>((resolve) => ssh.stdin.write(bytes.subarray(at, at + size), () => resolve()));
    at += size;
  }
};

/** Lines of what the far end says, however they are cut. */
async function* linesOf(ssh: ChildProcessWithoutNullStreams): AsyncGenerator<string> {
  let held = '';
  for await (const chunk of ssh.stdout) {
    held += String(chunk);
    const lines = held.split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
}

const connected = (peer: Peer): Promise<void> =>
  new Promise((resolve, reject) => {
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === 'connected') resolve();
      if (peer.connectionState === 'failed') reject(new Error('ICE or DTLS failed'));
    });
  });

/** Every line the far tty shows must be from the far end: an echo of ours is a failure. */
const take = async (peer: Peer, line: string, sent: ReadonlySet<string>): Promise<void> => {
  if (line.trim() === '') return;
  if (sent.has(line)) throw new Error('The far tty echoes');
  const value: unknown = JSON.parse(line);
  if (value === null || typeof value !== 'object') return;
  if ('sdp' in value && typeof value.sdp === 'string') {
    await peer.setRemoteDescription({ type: 'answer', sdp: value.sdp });
  } else if ('candidate' in value && typeof value.candidate === 'string' && value.candidate !== '') {
    await peer.addIceCandidate({ ...value, candidate: value.candidate });
  }
};

/** RTCIceCandidateInit. */
const initOf = ({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: CandidateLike) => ({
  candidate,
  sdpMid,
  sdpMLineIndex,
  usernameFragment,
});

const offerTo = async (ssh: ChildProcessWithoutNullStreams, peer: Peer): Promise<Set<string>> => {
  const sent = new Set<string>();
  let sending = Promise.resolve();
  const say = (value: unknown): Promise<void> => {
    const text = JSON.stringify(value);
    sent.add(text);
    sending = sending.then(() => writeInPieces(ssh, `${text}\n`));
    return sending;
  };
  const held: unknown[] = [];
  let described = false;
  peer.addEventListener('icecandidate', ({ candidate }) => {
    const value = candidate === null ? null : initOf(candidate);
    if (described) say(value).catch(() => {});
    else held.push(value);
  });
  const offer = await peer.createOffer();
  // Padded past what a canonical tty line holds.
  const sdp = `${offer.sdp}${'a=x-padding:0123456789abcdef\r\n'.repeat(1_300)}`;
  await peer.setLocalDescription(offer);
  await say({ type: 'offer', sdp });
  described = true;
  for (const value of held) await say(value);
  return sent;
};

const runOnce = async (): Promise<void> => {
  const ssh = spawn('ssh', ['-tt', ...sshArguments]);
  ssh.stdin.on('error', () => {});
  ssh.stderr.resume();
  await using peer = await createPeer({ identity, iceServers: [] });
  peer.createDataChannel('%');
  const done = connected(peer);
  const timeout = setTimeout(() => ssh.kill(), RUN_TIMEOUT_MS);
  const reading = (async () => {
    let sent: Set<string> | undefined;
    for await (const line of linesOf(ssh)) {
      if (sent) await take(peer, line, sent);
      else if (line.startsWith('READY')) sent = await offerTo(ssh, peer);
      else throw new Error(`Before READY it said: ${line}`);
    }
    throw new Error('The far command ended before the peers were connected');
  })();
  try {
    await Promise.race([done, reading]);
  } finally {
    clearTimeout(timeout);
    reading.catch(() => {});
  }
  const ended = new Promise<number | null>((resolve) => ssh.once('close', resolve));
  const code = await ended;
  if (code !== 0) throw new Error(`accept ended with ${code}`);
};

for (let run = 0; run < Number(runs); run++) {
  await runOnce();
  console.log('ok');
}
process.exit(0);
