// How long two peers of one process take until their data channel is open, and how fast it is then.
// node --conditions=ouro-source packages/peer/bench/peer-connect.mjs
import { Identity } from '@ouro/fingerprint';
import { createPeer } from '@ouro/peer';

const RUNS = 50;
const BYTES = 200 * 1024 * 1024;
const MESSAGE = Buffer.alloc(64 * 1024, 7);
const OUTSTANDING = 128 * 1024;

const options = { identity: await Identity.generate(), iceServers: [], loopbackOnly: true };

async function connect() {
  const [offerer, answerer] = await Promise.all([createPeer(options), createPeer(options)]);
  const channel = offerer.createDataChannel('bench');
  const far = new Promise((resolve) =>
    answerer.addEventListener('datachannel', (event) => resolve(event.channel)),
  );
  const open = new Promise((resolve) => channel.addEventListener('open', resolve));
  const give = (to) => (event) =>
    event.candidate && to.remoteDescription && to.addIceCandidate(event.candidate);
  offerer.addEventListener('icecandidate', give(answerer));
  answerer.addEventListener('icecandidate', give(offerer));
  await offerer.setLocalDescription(await offerer.createOffer());
  await answerer.setRemoteDescription(offerer.localDescription);
  await answerer.setLocalDescription(await answerer.createAnswer());
  await offerer.setRemoteDescription(answerer.localDescription);
  await open;
  return { offerer, answerer, channel, far: await far };
}

const times = [];
for (let run = 0; run < RUNS; run += 1) {
  const start = performance.now();
  const { offerer, answerer } = await connect();
  times.push(performance.now() - start);
  offerer.close();
  answerer.close();
}
times.sort((a, b) => a - b);
const median = times[RUNS >> 1].toFixed(1);
process.stdout.write(`connect: median ${median} ms, worst ${times.at(-1).toFixed(1)} ms, ${RUNS} runs\n`);

const { offerer, answerer, channel, far } = await connect();
let received = 0;
const done = new Promise((resolve) => {
  far.addEventListener('message', ({ data }) => {
    received += data.length;
    if (received >= BYTES) resolve();
  });
});
channel.bufferedAmountLowThreshold = OUTSTANDING / 2;
let sent = 0;
const fill = () => {
  while (sent < BYTES && channel.bufferedAmount < OUTSTANDING) {
    channel.send(MESSAGE);
    sent += MESSAGE.length;
  }
};
channel.addEventListener('bufferedamountlow', fill);
const start = performance.now();
fill();
await done;
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`throughput in one process: ${(received / 1e6 / seconds).toFixed(0)} MB/s\n`);
offerer.close();
answerer.close();
