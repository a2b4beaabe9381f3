import { Identity } from '@ouro/fingerprint';
import { SignalingError } from '@ouro/signaling';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  describeLab,
  giveKey,
  type Host,
  hostTaking,
  Lab,
  makeLoginKey,
  putAgent,
  putClient,
  until,
} from '../src/lab/index.ts';
import { agent, laptopAndBox, pairOf, passAgain, passOnly, startAgent } from './one-port-fixture.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const URL = 'http://box:7777';

describeLab('an agent with one open port', [], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  beforeAll(async () => {
    ({ lab, laptop, box } = await laptopAndBox());
    await startAgent(box, laptop, 'http_server = "0.0.0.0:7777"');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('UDP dropped: by TCP, and status names the pair', async () => {
    await box.dropUdp();
    try {
      const { local, remote } = await pairOf(laptop, box, URL);
      expect(local).toMatchObject({ address: box.addressTo(laptop), port: 7777, protocol: 'tcp' });
      expect(remote).toMatchObject({ address: laptop.addressTo(box), protocol: 'tcp' });
    } finally {
      await box.passUdp();
    }
  });

  it('only TCP 7777 open: by TCP', async () => {
    await passOnly(box, 'tcp dport 7777 accept;');
    try {
      expect((await pairOf(laptop, box, URL)).local).toMatchObject({ port: 7777, protocol: 'tcp' });
    } finally {
      await passAgain(box);
    }
  });

  it('UDP and TCP 7777 open: by UDP', async () => {
    await passOnly(box, 'tcp dport 7777 accept; udp dport 7777 accept;');
    try {
      expect((await pairOf(laptop, box, URL)).local).toMatchObject({ port: 7777, protocol: 'udp' });
    } finally {
      await passAgain(box);
    }
  });

  it('a restart while clients are connected: the port is had again, and they are told', async () => {
    const shell = (...args: string[]) =>
      laptop.spawn(['ouro', ...args, URL, '--', 'sh', '-c', 'echo up; read x'], { user: 'me' });
    await using byUdp = shell();
    await until(() => byUdp.output.includes('up'), { what: () => byUdp.output });
    await box.dropUdp();
    await using byTcp = shell();
    await until(() => byTcp.output.includes('up'), { what: () => byTcp.output });
    await agent(box, 'restart');
    expect(await byTcp.exited).toMatchObject({ code: expect.any(Number) });
    expect(byTcp.output).toContain('The agent on the host was stopped');
    expect((await pairOf(laptop, box, URL)).local).toMatchObject({ port: 7777, protocol: 'tcp' });
    await box.passUdp();
    await byUdp.exited;
    expect((await pairOf(laptop, box, URL)).local).toMatchObject({ port: 7777, protocol: 'udp' });
  });

  it('another user of the host has an agent too', async () => {
    const config = '[net]\nhttp_server = "127.0.0.1:7778"\nice_port = 7777\n';
    await box.writeFile('/root/.config/ouro/agent.toml', config, 0o600);
    const refused = await box.exec('/home/ada/.local/bin/ouro-agent start');
    expect(refused).toMatchObject({ code: 69, stderr: expect.stringContaining('net.ice_port = 7777') });
    await box.writeFile('/root/.config/ouro/agent.toml', '', 0o600);
    const started = await box.exec('/home/ada/.local/bin/ouro-agent start');
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('net.http_server') });
    await box.must('/home/ada/.local/bin/ouro-agent stop');
  });
});

describeLab('an agent with HTTPS', [], () => {
  it('a certificate of its own is pinned, remembered, and TLS and STUN share the port', async () => {
    const { lab, laptop, box } = await laptopAndBox();
    await using _lab = lab;
    const tls = await Identity.generate();
    await box.writeHome('ada', '.config/ouro/tls/cert.pem', tls.certificatePem);
    await box.writeHome('ada', '.config/ouro/tls/key.pem', tls.privateKeyPem);
    const files = 'tls_cert = "tls/cert.pem"\ntls_key = "tls/key.pem"';
    await startAgent(box, laptop, `http_server = "0.0.0.0:7777"\n${files}`);
    await passOnly(box, 'tcp dport 7777 accept;');
    const url = 'https://box:7777';
    const refused = await laptop.exec(['ouro', url, '--', 'true'], { user: 'me' });
    expect(refused.code).toBe(new SignalingError('fingerprint-mismatch', '').edge.exit);
    expect(refused.stderr).toContain(`ouro --tls-pin ${tls.fingerprint.compact} ${url}`);
    expect((await pairOf(laptop, box, '--tls-pin', tls.fingerprint.compact, url)).local).toMatchObject({
      port: 7777,
      protocol: 'tcp',
    });
    await passAgain(box);
    expect((await pairOf(laptop, box, url)).local).toMatchObject({ port: 7777, protocol: 'udp' });
    const plain = await laptop.exec(['ouro', URL, '--', 'true'], { user: 'me' });
    expect(plain).toMatchObject({ code: expect.any(Number), stdout: '' });
    expect(plain.code).not.toBe(0);
  });
});

describeLab('one port over IPv6 as over IPv4', [], () => {
  it('an agent on all addresses', async () => {
    const { lab, laptop, box } = await laptopAndBox();
    await using _lab = lab;
    for (const [host, address] of [
      [laptop, 'fd77::1'],
      [box, 'fd77::2'],
    ] as const) {
      await host.must(`ip -6 address add ${address}/64 dev eth0 nodad`);
    }
    await startAgent(box, laptop, 'http_server = ":7777"');
    const six = 'http://[fd77::2]:7777';
    const pairs = [await pairOf(laptop, box, six)];
    await box.dropUdp();
    pairs.push(await pairOf(laptop, box, six), await pairOf(laptop, box, URL));
    expect(pairs.map(({ local }) => `${local.protocol} ${local.address}:${local.port}`)).toEqual([
      'udp fd77::2:7777',
      'tcp fd77::2:7777',
      'tcp fd77::2:7777',
    ]);
  });
});

describeLab('an agent with HTTP on the loopback address', [], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  beforeAll(async () => {
    const key = await makeLoginKey();
    lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: hostTaking(key) },
      links: [{ between: ['laptop', 'box'] }],
    });
    [laptop, box] = [lab.host('laptop'), lab.host('box')];
    await giveKey(lab, laptop, 'me', key, 'box');
    await putClient(laptop);
    await putAgent(box, { home: 'ada' });
    await box.writeHome('ada', '.config/ouro/agent.toml', '');
    await agent(box, 'start');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('serves no HTTP to others on the port of connections', async () => {
    const request = 'GET /offer HTTP/1.1\\r\\nHost: box\\r\\nConnection: close\\r\\n\\r\\n';
    const ask = (host: string) =>
      `trap '' PIPE; exec 3<>/dev/tcp/${host}/7777; printf '${request}' >&3 2>/dev/null; timeout 5 cat <&3 2>/dev/null; echo "code=$?"`;
    const told = await laptop.exec(['bash', '-c', ask('box')], { user: 'me' });
    expect(told.stdout).toMatch(/^code=/);
    expect((await box.must(['bash', '-c', ask('127.0.0.1')])).split('\r\n')[0]).toBe(
      'HTTP/1.1 204 No Content',
    );
  });

  it('SSH and the port open: a session made by SSH goes by UDP, or by TCP', async () => {
    await passOnly(box, 'tcp dport { 22, 7777 } accept; udp dport 7777 accept;');
    expect((await pairOf(laptop, box, 'ada@box')).local).toMatchObject({ port: 7777, protocol: 'udp' });
    await passAgain(box);
    await passOnly(box, 'tcp dport { 22, 7777 } accept;');
    expect((await pairOf(laptop, box, 'ada@box')).local).toMatchObject({ port: 7777, protocol: 'tcp' });
    await passAgain(box);
  });
});

describeLab('an agent behind a router that forwards its port', [], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  let outside: string;
  beforeAll(async () => {
    lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, router: {}, box: {} },
      links: [{ between: ['laptop', 'router'] }, { between: ['router', 'box'] }],
    });
    const router = lab.host('router');
    [laptop, box] = [lab.host('laptop'), lab.host('box')];
    outside = router.addressTo(laptop);
    await putClient(laptop);
    await putAgent(box, { home: 'ada' });
    await box.must(`ip route add default via ${router.addressTo(box)}`);
    await router.must('echo 1 > /proc/sys/net/ipv4/ip_forward');
    const inside = box.addressTo(router);
    await router.nft(`table ip lab_forward {
      chain pre { type nat hook prerouting priority -100;
        ip daddr ${outside} tcp dport 7777 dnat to ${inside}; ip daddr ${outside} udp dport 7777 dnat to ${inside}; }
    }`);
    await startAgent(box, laptop, `http_server = "0.0.0.0:7777"\npublic_address = "${outside}"`);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('is reached at its public address by UDP, and by TCP where UDP is dropped', async () => {
    expect((await pairOf(laptop, box, `http://${outside}:7777`)).local.protocol).toBe('udp');
    await box.dropUdp();
    expect((await pairOf(laptop, box, `http://${outside}:7777`)).local.protocol).toBe('tcp');
  });
});
