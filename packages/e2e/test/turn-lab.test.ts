import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeLab } from '../src/lab/index.ts';
import { Lab } from '../src/lab/lab.ts';
import { makeInternet, makeNat, type NatKind, routeBy } from '../src/lab/nat.ts';
import { Coturn } from '../src/turn/coturn.ts';
import { connectHosts } from '../src/turn/host-peers.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LOGIN = { username: 'me', credential: 'secret' };

describeLab('peers that reach a TURN server, and not each other', ['turnserver'], () => {
  let lab: Lab;
  let server: Coturn;
  beforeAll(async () => {
    lab = await Lab.create({
      hosts: { alice: {}, middle: {}, bob: {} },
      links: [{ between: ['alice', 'middle'] }, { between: ['bob', 'middle'] }],
    });
    server = await Coturn.onHost(lab.host('middle'), lab.host('middle').addressTo('alice'), {
      auth: { user: 'me:secret' },
    });
    await lab
      .host('bob')
      .must(['ip', 'route', 'add', server.address, 'via', lab.host('middle').addressTo('bob')]);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });
  const end = (name: string, urls: string, login: object = LOGIN) => ({
    host: lab.host(name),
    iceServers: [{ urls, ...login }],
  });

  it.each(['udp', 'tcp'] as const)('connect over it, by %s', async (transport) => {
    const url = server.url(transport);
    const [alice, bob] = await connectHosts(end('alice', url), end('bob', url));
    // The server reaches both, so one of the two relays does.
    const relayed = [alice, bob].filter(({ pair }) => pair?.local.type === 'relay');
    expect(relayed).not.toEqual([]);
    for (const { pair } of relayed) expect(pair?.local.relayProtocol).toBe(transport);
    expect([alice.errors, bob.errors]).toEqual([[], []]);
  });

  it('one relay is enough', async () => {
    const [alice, bob] = await connectHosts(
      { host: lab.host('alice'), iceServers: [] },
      end('bob', server.url('udp')),
    );
    expect(bob).toMatchObject({ pair: { local: { type: 'relay' } } });
    expect(alice.candidates).not.toContain('relay');
  });

  it('a wrong password leaves that server out, and says so; the other serves', async () => {
    const wrong = { urls: server.url('tcp'), username: 'me', credential: 'wrong' };
    const both = { host: lab.host('alice'), iceServers: [wrong, { urls: server.url('udp'), ...LOGIN }] };
    const [alice] = await connectHosts(both, end('bob', server.url('udp')));
    expect(alice).toMatchObject({
      pair: { local: { type: 'relay', relayProtocol: 'udp' } },
      errors: [{ url: wrong.urls, errorCode: 401 }],
    });
  });
});

describeLab('peers behind NATs', ['turnserver'], () => {
  /** Two homes, each behind its router; the routers and the servers are the world. */
  const world = async (kind: NatKind): Promise<{ lab: Lab; server: Coturn }> => {
    const lab = await Lab.create({
      hosts: { alice: {}, aliceNat: {}, internet: {}, bobNat: {}, bob: {} },
      links: [
        { between: ['alice', 'aliceNat'] },
        { between: ['aliceNat', 'internet'] },
        { between: ['internet', 'bobNat'] },
        { between: ['bobNat', 'bob'] },
      ],
    });
    const [alice, aliceNat, internet, bobNat, bob] = ['alice', 'aliceNat', 'internet', 'bobNat', 'bob'].map(
      (name) => lab.host(name),
    );
    if (!alice || !aliceNat || !internet || !bobNat || !bob) throw new Error('A host is missing');
    await makeInternet(internet);
    await makeNat(aliceNat, internet, kind);
    await makeNat(bobNat, internet, kind);
    await routeBy(alice, aliceNat);
    await routeBy(bob, bobNat);
    const server = await Coturn.onHost(internet, internet.addressTo('aliceNat'), {
      auth: { user: 'me:secret' },
    });
    return { lab, server };
  };

  describe.each(['endpoint-independent', 'symmetric'] as const)('that are %s', (kind) => {
    let lab: Lab;
    let server: Coturn;
    beforeAll(async () => {
      ({ lab, server } = await world(kind));
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      await lab?.[Symbol.asyncDispose]();
    });

    it('learn what the world sees of them', async () => {
      const stun = [{ urls: server.stunUrl }];
      const ends = ['alice', 'bob'].map((name) => ({ host: lab.host(name), iceServers: stun }));
      const [a, b] = ends;
      if (!a || !b) throw new Error('An end is missing');
      const [alice, bob] = await connectHosts(a, b);
      expect(alice.candidates).toContain('srflx');
      if (kind === 'symmetric') expect(alice.failed).toBe('ice-failed');
      else {
        expect(alice.pair?.remote.address).toBe(lab.host('bobNat').addressTo('internet'));
        expect(bob.pair?.remote.address).toBe(lab.host('aliceNat').addressTo('internet'));
      }
    });

    it('learn it also through a port that peers share', async () => {
      const iceServers = [{ urls: server.stunUrl }, { urls: server.url('udp'), ...LOGIN }];
      const [alice, bob] = await connectHosts(
        { host: lab.host('alice'), iceServers },
        { host: lab.host('bob'), iceServers, sharedPort: true },
      );
      expect(bob.candidates).toContain('srflx');
      expect([alice.failed, bob.failed]).toEqual([undefined, undefined]);
      if (kind === 'endpoint-independent') {
        expect(alice.pair?.remote.address).toBe(lab.host('bobNat').addressTo('internet'));
      }
    });

    it('always connect with a relay, and only where it is needed over it', async () => {
      const iceServers = [{ urls: server.stunUrl }, { urls: server.url('udp'), ...LOGIN }];
      const [alice] = await connectHosts(
        { host: lab.host('alice'), iceServers },
        { host: lab.host('bob'), iceServers },
      );
      const types = [alice.pair?.local.type, alice.pair?.remote.type];
      expect(alice.failed).toBeUndefined();
      expect(types.includes('relay')).toBe(kind === 'symmetric');
    });
  });
});
