// Two peers in two processes on loopback: throughput, what a stalled reader costs, and how the loss of one is noticed.
// node --conditions=ouro-source packages/peer/bench/two-processes.mjs [throughput|stalled|killed|stopped]
import { fork } from 'node:child_process';
import { Identity } from '@ouro/fingerprint';
import { createPeer } from '@ouro/peer';

const MIB = 1024 * 1024;
const MESSAGE = new Uint8Array(64 * 1024);
const OUTSTANDING = 128 * 1024;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const report = (text) => process.stdout.write(`${text}\n`);

async function reader() {
  const peer = await createPeer({ identity: await Identity.generate(), iceServers: [], loopbackOnly: true });
  let received = 0;
  peer.addEventListener('datachannel', ({ channel }) => {
    channel.addEventListener('message', ({ data }) => {
      received += data.length;
    });
    process.on('message', ({ pause, resume }) => {
      if (pause) channel.pause();
      if (resume) channel.resume();
    });
  });
  process.on('message', async ({ offer, ask }) => {
    if (ask) process.send({ received, rss: process.memoryUsage().rss });
    if (!offer) return;
    await peer.setRemoteDescription(offer);
    await peer.setLocalDescription(await peer.createAnswer());
    process.send({ answer: peer.localDescription });
  });
  process.on('disconnect', () => process.exit());
}

const next = (child, key) =>
  new Promise((resolve) => {
    const take = (message) => {
      if (!(key in message)) return;
      child.off('message', take);
      resolve(message);
    };
    child.on('message', take);
  });

async function connect(consentTimeoutMs) {
  const child = fork(import.meta.filename, ['reader'], { execArgv: process.execArgv });
  const identity = await Identity.generate();
  const peer = await createPeer({
    identity,
    iceServers: [],
    loopbackOnly: true,
    ...(consentTimeoutMs && { consentTimeoutMs }),
  });
  const channel = peer.createDataChannel('bench');
  const open = new Promise((resolve) => channel.addEventListener('open', resolve));
  await peer.setLocalDescription(await peer.createOffer());
  const answered = next(child, 'answer');
  child.send({ offer: peer.localDescription });
  await peer.setRemoteDescription((await answered).answer);
  await open;
  const ask = async () => {
    const answer = next(child, 'received');
    child.send({ ask: true });
    return answer;
  };
  return { child, peer, channel, ask };
}

/** Keeps the channel full until `bytes` were given. */
function fill(channel, bytes) {
  let sent = 0;
  const more = () => {
    while (sent < bytes && channel.readyState === 'open' && channel.bufferedAmount < OUTSTANDING) {
      channel.send(MESSAGE);
      sent += MESSAGE.length;
    }
  };
  channel.bufferedAmountLowThreshold = OUTSTANDING / 2;
  channel.addEventListener('bufferedamountlow', more);
  more();
  return {
    get sent() {
      return sent;
    },
  };
}

async function until(ask, bytes) {
  while ((await ask()).received < bytes) await sleep(5);
}

const cases = {
  async throughput() {
    const { child, peer, channel, ask } = await connect();
    const bytes = 400 * MIB;
    const start = performance.now();
    fill(channel, bytes);
    await until(ask, bytes);
    report(`throughput: ${(bytes / 1e3 / (performance.now() - start)).toFixed(0)} MB/s`);
    peer.close();
    child.disconnect();
  },
  async stalled() {
    const { child, peer, channel, ask } = await connect();
    fill(channel, 8 * MIB);
    await until(ask, 8 * MIB);
    child.send({ pause: true });
    const [here, there] = [process.memoryUsage().rss, (await ask()).rss];
    const filled = fill(channel, 1024 * MIB);
    await sleep(20_000);
    const grown = [process.memoryUsage().rss - here, (await ask()).rss - there].map((n) =>
      (n / MIB).toFixed(1),
    );
    report(
      `stalled 20 s: taken ${(filled.sent / MIB).toFixed(1)} MiB, sender +${grown[0]} MiB, reader +${grown[1]} MiB`,
    );
    const start = performance.now();
    child.send({ resume: true });
    await until(ask, 1032 * MIB);
    report(`then the rest of 1 GiB in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    peer.close();
    child.disconnect();
  },
  async killed() {
    const { child, peer, channel } = await connect();
    fill(channel, 1 * MIB);
    await sleep(1000);
    child.kill('SIGKILL');
    const start = performance.now();
    const since = () => ((performance.now() - start) / 1000).toFixed(1);
    await new Promise((resolve) => {
      peer.addEventListener('connectionstatechange', () => {
        report(`after kill -9: ${peer.connectionState} after ${since()} s`);
        if (peer.connectionState === 'failed') resolve();
      });
    });
    peer.close();
  },
  async stopped() {
    const { child, peer, channel, ask } = await connect(60_000);
    const bytes = 800 * MIB;
    fill(channel, bytes);
    await sleep(300);
    child.kill('SIGSTOP');
    const before = process.memoryUsage().rss;
    await sleep(20_000);
    const grown = (process.memoryUsage().rss - before) / MIB;
    child.kill('SIGCONT');
    const start = performance.now();
    await until(ask, bytes);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    report(
      `stopped 20 s: ${peer.connectionState}, sender +${grown.toFixed(1)} MiB, all ${bytes / MIB} MiB ${seconds} s later`,
    );
    peer.close();
    child.disconnect();
  },
};

const [wanted] = process.argv.slice(2);
if (wanted === 'reader') await reader();
else for (const name of wanted ? [wanted] : Object.keys(cases)) await cases[name]();
