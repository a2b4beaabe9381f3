/**
 * What the agent costs: POST and DELETE for each second of its processor time, resident memory for each idle peer, and
 * how fast its one port is against sockets of each peer's own. Prints rows as JSON. Needs the built programs.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer, type Peer } from '@ouro/peer';
import { Session } from '@ouro/session/client';
import { dialWhip } from '@ouro/transport-whip/client';
import { AgentAndClient } from '../programs/agent.ts';

/** Below the burst that the agent lets an address have. */
const REQUESTS = 800;
const WARM_UP = 100;
const AT_A_TIME = 8;
/** Together 250 peers: as many as an address may have sessions. */
const PEERS = 200;
const FIRST_PEERS = 50;
const BYTES = 256 * 1024 * 1024;
/** Five of them gave anything from 0.69 to 1.1 for one build on a small machine; the median of sixteen gave 1.02. */
const ROUNDS = 15;
/** Time for the agent to come to rest, in milliseconds. */
const SETTLE_MS = 1500;
/** Of `/proc/<pid>/stat`. */
const TICKS_A_SECOND = 100;
const LIMITS = '[limits]\npeers = 1000\npeers_per_fingerprint = 1000\n';

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly aim?: { readonly atLeast?: number };
}

const never = (): AbortSignal => new AbortController().signal;
const identity = await Identity.generate();

/** An agent that lets `identity` in. */
const startAgent = async (config: string): Promise<AgentAndClient> => {
  const host = await AgentAndClient.create({ config });
  await host.authorize(identity.fingerprint.compact);
  return host;
};

const pidOf = ({ process: { child } }: AgentAndClient): number => child.pid ?? 0;

/** Seconds of processor time that a process has had. */
const cpuSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = '0', system = '0'] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
};

const residentKiB = async (pid: number): Promise<number> =>
  Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

const send = (
  agent: Agent,
  url: URL,
  method: string,
  body = '',
): Promise<{ status: number; location: string }> => {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; location: string }>();
  const headers = { 'content-type': 'application/sdp' };
  const outgoing = request(url, { agent, method, ...(body === '' ? {} : { headers }) }, (reply) => {
    reply.resume();
    reply.once('end', () =>
      resolve({ status: reply.statusCode ?? 0, location: reply.headers.location ?? '' }),
    );
  });
  outgoing.once('error', reject).end(body);
  return promise;
};

const offerSdp = async (): Promise<string> => {
  await using peer = await createPeer({ identity, iceServers: [], loopbackOnly: true });
  peer.createDataChannel('%');
  return (await peer.createOffer()).sdp ?? '';
};

/** Sessions, opened and ended, for each second of the agent's processor time. */
const requestRate = async (): Promise<Row> => {
  await using host = await startAgent(LIMITS);
  const [pid, sdp, url] = [pidOf(host), await offerSdp(), new URL('/offer', host.url)];
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const once = async (): Promise<void> => {
    const { status, location } = await send(agent, url, 'POST', sdp);
    if (status !== 201) throw new Error(`POST gave ${status}`);
    const ended = await send(agent, new URL(location, url), 'DELETE');
    if (ended.status !== 200) throw new Error(`DELETE gave ${ended.status}`);
  };
  const all = async (count: number): Promise<void> => {
    let left = count;
    const worker = async (): Promise<void> => {
      for (; left > 0; await once()) left -= 1;
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  };
  await all(WARM_UP);
  const before = await cpuSeconds(pid);
  await all(REQUESTS);
  const spent = (await cpuSeconds(pid)) - before;
  agent.destroy();
  return { name: 'POST and DELETE', unit: 'pairs/CPU s', value: REQUESTS / spent };
};

interface Client {
  readonly peer: Peer;
  readonly session: Session;
}

const connect = async (url: string): Promise<Client> => {
  const peer = await createPeer({ identity, iceServers: [], loopbackOnly: true });
  const session = await Session.open(peer, { signal: never(), version: '0.0.0' });
  const signaler = await dialWhip({ url }, { signal: never() });
  await negotiate(peer, signaler, { role: 'offerer', signal: never() });
  return { peer, session };
};

const connectMany = async (url: string, count: number): Promise<Client[]> => {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Math.min(AT_A_TIME, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => connect(url)))));
  }
  return clients;
};

/** What each of many peers adds to the agent's resident memory, once the first have made it grow. */
const idleMemory = async (): Promise<Row> => {
  await using host = await startAgent(LIMITS);
  const clients = await connectMany(host.url, FIRST_PEERS);
  await delay(SETTLE_MS);
  const before = await residentKiB(pidOf(host));
  clients.push(...(await connectMany(host.url, PEERS)));
  await delay(SETTLE_MS);
  const after = await residentKiB(pidOf(host));
  for (const { peer } of clients) peer.close();
  return { name: `memory of an idle peer (of ${PEERS})`, unit: 'KiB', value: (after - before) / PEERS };
};

/** Megabytes from a pane for each second of the agent's processor time. */
const throughput = async (host: AgentAndClient): Promise<number> => {
  const { peer, session } = await connect(host.url);
  const before = await cpuSeconds(pidOf(host));
  const pane = await session.addPane(
    { command: ['head', '-c', String(BYTES), '/dev/zero'] },
    { signal: never() },
  );
  let bytes = 0;
  for await (const chunk of pane.stdout) bytes += chunk.length;
  if (bytes !== BYTES) throw new Error(`${bytes} bytes came`);
  const spent = (await cpuSeconds(pidOf(host))) - before;
  peer.close();
  return bytes / 1e6 / spent;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The one port against sockets of each peer's own, in turn. */
const portRatio = async (): Promise<Row[]> => {
  await using shared = await startAgent('');
  await using own = await startAgent('ice_port = "off"\n');
  const values: { shared: number[]; own: number[] } = { shared: [], own: [] };
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [name, host] of Object.entries(round % 2 === 0 ? { shared, own } : { own, shared })) {
      const value = await throughput(host);
      if (round >= 0) values[name === 'own' ? 'own' : 'shared'].push(value);
    }
  }
  const [one, many] = [median(values.shared), median(values.own)];
  return [
    { name: 'output over the one port', unit: 'MB/CPU s', value: one },
    { name: 'the same against own sockets', unit: 'ratio', value: one / many, aim: { atLeast: 0.95 } },
  ];
};

const rows = [await requestRate(), await idleMemory(), ...(await portRatio())];
console.log(JSON.stringify(rows));
process.exit(0);
