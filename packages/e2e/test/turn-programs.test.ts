import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeLab, type Host, Lab, putAgent, putClient } from '../src/lab/index.ts';
import { makeInternet } from '../src/lab/nat.ts';
import { makeCertificates } from '../src/turn/certificates.ts';
import { Coturn } from '../src/turn/coturn.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SECRET = 'north-secret';

describeLab('ouro and its agent, with STUN and TURN servers', ['turnserver', 'openssl'], () => {
  let lab: Lab;
  let laptop: Host;
  let box: Host;
  let server: Coturn;
  let directory = '';

  beforeAll(async () => {
    lab = await Lab.create({
      hosts: { laptop: { users: { me: {} } }, box: {}, turn: {} },
      links: [{ between: ['laptop', 'box'] }, { between: ['laptop', 'turn'] }, { between: ['box', 'turn'] }],
    });
    [laptop, box] = [lab.host('laptop'), lab.host('box')];
    const turn = lab.host('turn');
    const address = turn.addressTo('laptop');
    await makeInternet(turn);
    await box.must(['ip', 'route', 'add', address, 'via', turn.addressTo('box')]);
    directory = await mkdtemp(join(tmpdir(), 'ouro-turn-'));
    const made = await makeCertificates(directory, ['DNS:turn']);
    for (const name of ['server.pem', 'server.key'])
      await turn.writeFile(`/etc/${name}`, await readFile(join(directory, name)));
    await laptop.writeFile('/etc/lab-authority.pem', await readFile(made.authority));
    const certificates = { ...made, certificate: '/etc/server.pem', key: '/etc/server.key' };
    server = await Coturn.onHost(turn, address, { auth: { secret: SECRET }, certificates });
    await putClient(laptop);
    await putAgent(box, { home: 'ada' });
    const fingerprint = (await laptop.must('ouro fingerprint', { user: 'me' })).trim();
    await agent('client', 'add', fingerprint, 'laptop');
    // Nothing but HTTP gets from the one to the other.
    await box.nft(`table inet lab_direct {
      chain in { type filter hook input priority 0; ip saddr ${laptop.addressTo('box')} meta l4proto udp drop; }
    }`);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const agent = (...args: string[]): Promise<string> =>
    box.must(['sh', '-c', `"$HOME"/.local/bin/ouro-agent "$@"`, 'agent', ...args], { user: 'ada' });

  /** The agent with these servers, and none of the shared port's TCP, which always is a way. */
  const agentWith = async (servers: string): Promise<void> => {
    await agent('stop').catch(() => undefined);
    const net = `[net]\nhttp_server = "${box.addressTo('laptop')}:7777"\nice_port = "off"\n`;
    await box.writeHome('ada', '.config/ouro/agent.toml', `${net}${servers}`);
    await agent('start');
  };
  const withSecret = (url: string): string => `[[ice_servers]]\nurls = "${url}"\nsecret = "${SECRET}"\n`;
  const clientWith = (toml: string): Promise<void> =>
    laptop.writeHome('me', '.config/ouro/client.toml', toml);
  const ouro = (...args: string[]) =>
    laptop.exec(['ouro', '-v', ...args, 'http://box:7777', '--', 'sh', '-c', 'id -un; exit 3'], {
      user: 'me',
      env: { NODE_EXTRA_CA_CERTS: '/etc/lab-authority.pem' },
      timeoutMs: 40_000,
    });

  it("go by the agent's relay, of which the client knows nothing", async () => {
    await agentWith(withSecret(server.url('udp')));
    const run = await ouro();
    expect(run, run.stderr).toMatchObject({ code: 3, stdout: 'ada\n' });
    expect(run.stderr).toMatch(/connected over udp host \S+ -> (relay|prflx) /);
  });

  it("by the client's relay over TLS, from its config, with its certificate checked", async () => {
    await agentWith('');
    const expires = Math.floor(Date.now() / 1000) + 600;
    const { turnCredentials } = await import('@ouro/ice');
    const { username, credential } = turnCredentials(SECRET, { expiresAt: expires, id: 'me' });
    const toml = (url: string) =>
      `[[ice_servers]]\nurls = "${url}"\nusername = "${username}"\npassword = "${credential}"\n`;
    await clientWith(toml(server.url('tls', 'turn')));
    const run = await ouro();
    expect(run, run.stderr).toMatchObject({ code: 3, stdout: 'ada\n' });
    expect(run.stderr).toMatch(/connected over udp relay /);
    // Another name than the certificate's.
    await clientWith(toml(server.url('tls')));
    const refused = await ouro();
    expect(refused.code).toBe(69);
    expect(refused.stderr).toMatch(/ICE server turns:\S+ is of no use: .*ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(refused.stderr).not.toContain(credential);
    await clientWith('');
  });

  it('by what the agent announces, when the client has no UDP at all', async () => {
    await agentWith(withSecret(server.url('tcp')));
    await laptop.dropUdp();
    try {
      // The agent's own relay is of no use without UDP, and the client hears of the server too late for its offer.
      const run = await ouro();
      expect(run, run.stderr).toMatchObject({ code: 3, stdout: 'ada\n' });
      expect(run.stderr).toMatch(/connected over udp relay /);
    } finally {
      await laptop.passUdp();
    }
  });

  it('are not held up by servers that are silent, nor by wrong passwords', async () => {
    const turn = lab.host('turn');
    await turn.nft(
      'table inet lab_hole { chain in { type filter hook input priority 0; th dport 9 drop; }\n}',
    );
    const dead = [
      `stun:${server.address}:9`,
      `turn:${server.address}:9`,
      `turn:${server.address}:9?transport=tcp`,
    ];
    const silent = `[[ice_servers]]\nurls = ${JSON.stringify(dead)}\nusername = "a"\npassword = "b"\n`;
    const wrong = `[[ice_servers]]\nurls = "${server.url('tcp')}"\nusername = "1:me"\npassword = "hunter2"\n`;
    await agentWith(`${silent}${wrong}${withSecret(server.url('udp'))}`);
    await clientWith(`${silent}${wrong}`);
    // They are asked for 8 seconds.
    const run = await ouro('--timeout', '6');
    expect(run, run.stderr).toMatchObject({ code: 3, stdout: 'ada\n' });
    expect(run.stderr).toContain(`the ICE server ${server.url('tcp')} is of no use: Unauthorized (401)`);
    const log = await box.must('cat ~/.local/state/ouro/agent.log', { user: 'ada' });
    expect(log).toContain('an ICE server is of no use');
    expect(`${run.stderr}${log}`).not.toMatch(/hunter2|north-secret/);
    await clientWith('');
  });
});
