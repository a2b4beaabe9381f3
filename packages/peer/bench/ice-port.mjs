// How fast a channel is whose far peer shares an IcePort, against one whose peers have sockets of their own; and the
// same for bare datagrams. All ways in the same run, in short turns, on loopback; by processor time. Each turn is compared
// with that of the peers of their own beside it, and the median told, so that the load of the machine counts little.
// node --conditions=ouro-source packages/peer/bench/ice-port.mjs
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Identity } from '@ouro/fingerprint';
import { encodeCheck, udpSockets } from '@ouro/ice';
import { IcePort, portSockets, tcpActiveSockets } from '@ouro/ice/port';
import { createPeer } from '@ouro/peer';
import { newTransactionId } from '@ouro/stun';

const ROUNDS = 31;
const BYTES = 16 * 1024 * 1024;
const MESSAGE = Buffer.alloc(64 * 1024, 7);
const OUTSTANDING = 128 * 1024;
const PACKETS = 10_000;
const PACKET = Buffer.alloc(1200, 20);
/** Packets under way at a time, so that no kernel buffer runs over. */
const WINDOW = 64;
const HOST = '127.0.0.1';

const identity = await Identity.generate();
await using port = await IcePort.open({ port: 0, hosts: [HOST] });
const own = udpSockets([HOST]);
const tcp = tcpActiveSockets([HOST], { bind: true });
const WAYS = {
  'own UDP sockets': [own, own],
  'IcePort UDP': [own, portSockets(port)],
  'IcePort TCP': [tcp, portSockets(port)],
};

const peer = (source) => createPeer({ identity, iceServers: [], iceSockets: [source] });

async function connect([near, far]) {
  const [offerer, answerer] = await Promise.all([peer(near), peer(far)]);
  const channel = offerer.createDataChannel('bench');
  const opened = once(channel, 'open');
  const incoming = once(answerer, 'datachannel');
  const give = (to) => (event) =>
    event.candidate && to.remoteDescription && to.addIceCandidate(event.candidate);
  offerer.addEventListener('icecandidate', give(answerer));
  answerer.addEventListener('icecandidate', give(offerer));
  await offerer.setLocalDescription(await offerer.createOffer());
  await answerer.setRemoteDescription(offerer.localDescription);
  await answerer.setLocalDescription(await answerer.createAnswer());
  await offerer.setRemoteDescription(answerer.localDescription);
  await opened;
  const [event] = await incoming;
  return { offerer, answerer, up: channel, down: event.channel };
}

/** Seconds of processor time since `start`: what other work of the machine does not change. */
function spent(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** MB from the channel's one end to its other, for each second of processor time; both ends are this process. */
async function transfer(from, to) {
  const { promise, resolve } = Promise.withResolvers();
  let left = BYTES;
  const count = ({ data }) => {
    left -= data.length ?? data.byteLength;
    if (left <= 0) resolve();
  };
  to.addEventListener('message', count);
  from.bufferedAmountLowThreshold = OUTSTANDING / 2;
  const start = process.cpuUsage();
  for (let sent = 0; sent < BYTES; sent += MESSAGE.length) {
    if (from.bufferedAmount > OUTSTANDING) await once(from, 'bufferedamountlow');
    from.send(MESSAGE);
  }
  await promise;
  to.removeEventListener('message', count);
  return BYTES / 1e6 / spent(start);
}

/** Packets, for each second of processor time, that a far socket sends and the given side sends back. */
async function datagrams(listen) {
  const far = createSocket('udp4');
  const { target, hello, close } = await listen();
  far.bind(0, HOST);
  await once(far, 'listening');
  if (hello) far.send(hello, target, HOST);
  const { promise, resolve } = Promise.withResolvers();
  let sent = 0;
  let back = 0;
  const send = () => sent++ < PACKETS && far.send(PACKET, target, HOST);
  far.on('message', () => (++back < PACKETS ? send() : resolve()));
  const start = process.cpuUsage();
  for (let i = 0; i < WINDOW; i++) send();
  await promise;
  const rate = PACKETS / spent(start);
  far.close();
  close();
  return rate;
}

async function plainSocket() {
  let socket;
  const onDatagram = (from, packet, remote) => from.send(packet, remote);
  await own.open({ ufrag: 'x', pwd: 'x', onDatagram }, (opened) => {
    socket = opened;
  });
  return { target: socket.local.port, close: () => socket.close() };
}

async function sharedPort() {
  const local = { ufrag: 'benchufrag', pwd: 'benchPasswordOf22chars' };
  const session = port.register(local, (packet, remote, endpoint) => session.send(endpoint, remote, packet));
  const far = { ufrag: 'farUfrag', pwd: local.pwd };
  const check = { controlling: true, tieBreaker: 1n, useCandidate: false, priority: 1 };
  const hello = encodeCheck(newTransactionId(), { local: far, remote: local, ...check });
  return { target: port.port, hello, close: () => session.close() };
}

const results = {};
const note = (name, value) => {
  results[name] ??= [];
  results[name].push(value);
};
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const ways = [];
for (const [name, way] of Object.entries(WAYS)) ways.push({ name, ...(await connect(way)) });

// The first round, which the compiler of the engine is at work in, does not count.
for (let round = -1; round < ROUNDS; round++) {
  const turn = (round + ways.length) % ways.length;
  if (round === 0) for (const name of Object.keys(results)) delete results[name];
  // Who comes first is slower: each is, in its turn.
  for (const { name, up, down } of [...ways.slice(turn), ...ways.slice(0, turn)]) {
    note(`${name}, towards it (MB/CPU s)`, await transfer(up, down));
    note(`${name}, from it (MB/CPU s)`, await transfer(down, up));
  }
  const listeners = [
    ['own UDP sockets', plainSocket],
    ['IcePort UDP', sharedPort],
  ];
  for (const [name, listen] of round % 2 === 0 ? listeners : listeners.reverse())
    note(`${name}, echoed datagrams (1/CPU s)`, await datagrams(listen));
}
for (const { offerer, answerer } of ways) {
  offerer.close();
  answerer.close();
}

for (const [name, values] of Object.entries(results)) {
  const own = results[name.replace(/^[^,]+/, 'own UDP sockets')];
  const ratio = median(values.map((value, round) => value / own[round]));
  const cells = [name.padEnd(45), median(values).toFixed(1).padStart(9), `${ratio.toFixed(2)}x`];
  process.stdout.write(`${cells.join('   ')}\n`);
}
