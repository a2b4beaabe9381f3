import { Identity } from '@ouro/fingerprint';
import { IcePort } from '@ouro/ice/port';
import { afterEach, expect, test, vi } from 'vitest';
import { createPeer } from '../src/index.ts';
import { connectedPeers } from './support/peers.ts';
import { portPair } from './support/port-peers.ts';
import { attribute, described, moved, pairId, restart } from './support/restart.ts';

afterEach(() => {
  vi.useRealTimers();
});

const COUNT = 5000;

test('S21, T3: a restart has new credentials and sockets, and the same certificate, session and roles', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const names = ['ice-ufrag', 'ice-pwd', 'fingerprint', 'mid', 'setup'];
  const before = [offerer, answerer].map((peer) => names.map((name) => attribute(peer, name)));
  const [path, farPath] = [pairId(offerer), pairId(answerer)];
  const states: string[] = [];
  offerer.addEventListener('connectionstatechange', () => states.push(offerer.connectionState));
  await restart(offerer, answerer);
  const after = [offerer, answerer].map((peer) => names.map((name) => attribute(peer, name)));
  for (const [i, [ufrag, pwd, ...rest]] of after.entries()) {
    expect(ufrag).not.toBe(before[i]?.[0]);
    expect(pwd).not.toBe(before[i]?.[1]);
    expect(rest).toEqual(before[i]?.slice(2));
  }
  expect(offerer.localDescription?.sdp).toMatch(/^v=0\r\no=- \d+ 2 /);
  await Promise.all([moved(offerer, path), moved(answerer, farPath)]);
  expect(states).toEqual([]);
  expect([offerer.signalingState, answerer.signalingState]).toEqual(['stable', 'stable']);
});

test('nothing is lost or doubled while ICE restarts again and again, from either end', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer, near, far } = peers;
  const got: [number[], number[]] = [[], []];
  const done = [far, near].map(
    (channel, side) =>
      new Promise<void>((resolve) => {
        channel.addEventListener('message', ({ data }) => {
          got[side]?.push(Number(data));
          if (got[side]?.length === COUNT) resolve();
        });
      }),
  );
  const send = async (): Promise<void> => {
    for (let i = 0; i < COUNT; i += 1) {
      near.send(String(i));
      far.send(String(i));
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const sending = send();
  for (let i = 0; i < 8; i += 1) {
    const path = pairId(offerer);
    await (i % 2 === 0 ? restart(offerer, answerer) : restart(answerer, offerer));
    await moved(offerer, path);
  }
  await Promise.all([sending, ...done]);
  const expected = Array.from({ length: COUNT }, (_, i) => i);
  expect(got).toEqual([expected, expected]);
});

test('K6: the old path carries on until the new one is nominated; a restart without a path changes nothing', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer, near, far } = peers;
  const path = pairId(offerer);
  await offerer.setLocalDescription(await offerer.createOffer({ iceRestart: true }));
  await answerer.setRemoteDescription(described(offerer));
  await answerer.setLocalDescription(await answerer.createAnswer());
  const heard = new Promise((resolve) =>
    far.addEventListener('message', ({ data }) => resolve(data), { once: true }),
  );
  near.send('over the old path');
  expect(await heard).toBe('over the old path');
  await offerer.setLocalDescription({ type: 'rollback' });
  expect(offerer.signalingState).toBe('stable');
  expect(pairId(offerer)).toBe(path);
  expect(offerer.connectionState).toBe('connected');
  // The next one replaces the answerer's half of the one before.
  await restart(offerer, answerer);
  await moved(offerer, path);
});

test('restartIce makes the next offer one of a new generation, also without a description given', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const ufrag = attribute(offerer, 'ice-ufrag');
  await offerer.setLocalDescription();
  expect(attribute(offerer, 'ice-ufrag')).toBe(ufrag);
  await offerer.setLocalDescription({ type: 'rollback' });
  offerer.restartIce();
  const path = pairId(offerer);
  await offerer.setLocalDescription();
  expect(attribute(offerer, 'ice-ufrag')).not.toBe(ufrag);
  await answerer.setRemoteDescription(described(offerer));
  await answerer.setLocalDescription();
  await offerer.setRemoteDescription(described(answerer));
  await moved(offerer, path);
});

test('an offer without new credentials changes neither path nor credentials', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const path = pairId(offerer);
  const ufrag = attribute(answerer, 'ice-ufrag');
  await offerer.setLocalDescription(await offerer.createOffer());
  await answerer.setRemoteDescription(described(offerer));
  await answerer.setLocalDescription(await answerer.createAnswer());
  await offerer.setRemoteDescription(described(answerer));
  expect(attribute(answerer, 'ice-ufrag')).toBe(ufrag);
  expect(pairId(offerer)).toBe(path);
});

test.for([
  ['another certificate', (sdp: string) => sdp.replace(/(a=fingerprint:sha-256 )../, '$1' + 'A7')],
  ['the old password', (sdp: string, old: string) => sdp.replace(/a=ice-pwd:.*\r\n/, old)],
] as const)('an offer to restart with %s is refused, and nothing has changed', async ([, change]) => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const path = pairId(answerer);
  const old = `a=ice-pwd:${attribute(offerer, 'ice-pwd')}\r\n`;
  await offerer.setLocalDescription(await offerer.createOffer({ iceRestart: true }));
  const { type, sdp } = described(offerer);
  const offer = { type, sdp: change(sdp, old) };
  await expect(answerer.setRemoteDescription(offer)).rejects.toMatchObject({ name: 'OperationError' });
  expect(answerer.signalingState).toBe('stable');
  expect(pairId(answerer)).toBe(path);
});

test('T3: candidates of an older generation are passed over, those of an unknown one refused', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const usernameFragment = attribute(offerer, 'ice-ufrag');
  await restart(offerer, answerer);
  const candidate = 'candidate:1 1 udp 2122260223 192.0.2.10 51000 typ host';
  await answerer.addIceCandidate({ candidate, sdpMid: '0', usernameFragment });
  await expect(
    answerer.addIceCandidate({ candidate, sdpMid: '0', usernameFragment: 'unknown' }),
  ).rejects.toMatchObject({ name: 'OperationError' });
});

test('the shared port knows both generations for a while, then the new one alone', async () => {
  await using port = await IcePort.open({ port: 0, hosts: ['127.0.0.1'] });
  await using pair = await portPair(port, 'both');
  const ufrags = port.stats.ufrags;
  const path = pairId(pair.near);
  await restart(pair.near, pair.far);
  await moved(pair.near, path);
  expect(await pair.echo('still there')).toBe('still there');
  expect(port.stats.ufrags).toBe(ufrags + 1);
  await vi.waitFor(() => expect(port.stats.ufrags).toBe(ufrags), { timeout: 6000, interval: 50 });
  expect(await pair.echo('and after')).toBe('and after');
});

test('a path that went dead is replaced, and what was on its way arrives', async () => {
  const identity = await Identity.generate();
  let cut = false;
  let opened = 0;
  const { udpSockets } = await import('@ouro/ice');
  const inner = udpSockets(['127.0.0.1']);
  const near = await createPeer({
    identity,
    iceServers: [],
    consentTimeoutMs: 1000,
    iceSockets: [
      {
        open: (user, onSocket) => {
          opened += 1;
          const first = opened === 1;
          return inner.open(
            {
              ...user,
              onDatagram: (...packet) => {
                if (!(first && cut)) user.onDatagram(...packet);
              },
            },
            onSocket,
          );
        },
      },
    ],
  });
  await using peers = await connectedPeers({}, near);
  const { offerer, answerer, far } = peers;
  const got: string[] = [];
  peers.near.addEventListener('message', ({ data }) => got.push(String(data)));
  cut = true;
  for (let i = 0; i < 20; i += 1) far.send(String(i));
  await vi.waitFor(() => expect(offerer.connectionState).toBe('failed'), { timeout: 5000 });
  expect(peers.near.readyState).toBe('open');
  await restart(offerer, answerer);
  await vi.waitFor(() => expect(got).toEqual(Array.from({ length: 20 }, (_, i) => String(i))), {
    timeout: 5000,
  });
  expect(offerer.connectionState).toBe('connected');
  expect(await offerer.measureRtt()).toBeGreaterThan(0);
  expect(offerer.quality()).toMatchObject({ bytesSent: expect.any(Number), pair: expect.anything() });
});

test('100 restarts in a row leave no socket behind', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
  {
    await using peers = await connectedPeers({ activeTcp: false });
    for (let i = 0; i < 100; i += 1) {
      const path = pairId(peers.offerer);
      await restart(peers.offerer, peers.answerer);
      await moved(peers.offerer, path);
    }
  }
  await vi.waitFor(() => expect(sockets()).toBe(0));
});
