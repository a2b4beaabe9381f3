import { isLoopback } from '@ouro/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentError } from '../src/base/errors.ts';
import { parseAddress } from '../src/config/address.ts';
import { parseConfig } from '../src/config/parse.ts';
import { CONFIG_TEMPLATE } from '../src/config/template.ts';

const messageOf = (toml: string): string => {
  try {
    parseConfig(toml, 'agent.toml');
    return 'no error';
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AgentError);
    expect(thrown).toHaveProperty('code', 'config');
    return thrown instanceof Error ? thrown.message : '';
  }
};

describe('config', () => {
  test('nothing in it means this machine only', () => {
    const { config, warnings } = parseConfig('', 'agent.toml');
    expect(config.net.http).toEqual({ host: '127.0.0.1', port: 7777 });
    expect(warnings).toEqual([]);
  });

  test('every section of the older agent is understood', () => {
    const { config, warnings } = parseConfig(
      `[log]\nlevel = "debug"\nfile = "a.log"\nerror = "a.err"
[net]\nhttp_server = "[::1]:0"\nudp_port_min = 60000\nudp_port_max = 61000
[timeouts]\nack = 1000\ndisconnect = 2000\nfailed = 3000\nkeep_alive = 500\nice_gathering = 4000\npeerbook = 5000
[env]\nEDITOR = "vim"
[[ice_servers]]\nurls = ["stun:a", "turn:b"]\nusername = "u"\npassword = "p"
[peerbook]\nuser_id = "u"\nhost = "h"\nname = "n"\ninsecure = false`,
      'agent.toml',
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^agent.toml:13: timeouts.keep_alive has no effect: /),
      expect.stringMatching(/^agent.toml:15: timeouts.peerbook has no effect: /),
      expect.stringMatching(/^agent.toml:22: peerbook has no effect: /),
    ]);
    expect(config).toMatchObject({
      log: { level: 'debug', file: 'a.log', error: 'a.err' },
      net: { http: { host: '::1', port: 0 }, udpPorts: [60_000, 61_000] },
      timeouts: { ack: 1000, failed: 3000, iceGathering: 4000 },
      env: { set: { EDITOR: 'vim' }, accept: ['LANG', 'LC_*', 'COLORTERM', 'TERM'] },
      iceServers: [{ urls: ['stun:a', 'turn:b'], username: 'u', credential: 'p', ttl: 3600 }],
    });
  });

  test('one port for all peers unless the file says otherwise', () => {
    const netOf = (toml: string) => parseConfig(`[net]\n${toml}`, 'agent.toml').config.net;
    expect(netOf('')).toMatchObject({ ice: { port: undefined }, httpIsSet: false, publicAddresses: [] });
    expect(netOf('ice_port = 0').ice).toEqual({ port: 0 });
    expect(netOf('ice_port = "off"').ice).toBeUndefined();
    expect(netOf('udp_port_min = 1\nudp_port_max = 2')).toMatchObject({ ice: undefined, udpPorts: [1, 2] });
    expect(netOf('public_address = ["203.0.113.7", "2001:db8::7"]').publicAddresses).toHaveLength(2);
    expect(netOf('').trustedProxies).toEqual(['loopback']);
    expect(netOf('trusted_proxies = []').trustedProxies).toEqual([]);
    const networks = ['192.0.2.7', '10.0.0.0/8', '2001:db8::/32', 'uniquelocal'];
    expect(netOf(`trusted_proxies = ${JSON.stringify(networks)}`).trustedProxies).toEqual(networks);
    expect(netOf('tls_cert = "c"\ntls_key = "k"').tls).toEqual({ cert: 'c', key: 'k' });
  });

  test('a client is waited for at most 10 s, and more is told to have no effect', () => {
    const { config, warnings } = parseConfig('[timeouts]\nack = 20000', 'agent.toml');
    expect(config.timeouts.ack).toBe(10_000);
    expect(warnings).toEqual([expect.stringContaining('agent.toml:2: timeouts.ack has no effect: ')]);
  });

  test('which variables a client may set', () => {
    const { config, warnings } = parseConfig('[env]\naccept = ["FOO_*"]\nA = "b"', 'agent.toml');
    expect(config.env).toEqual({ accept: ['FOO_*'], set: { A: 'b' } });
    expect(warnings).toEqual([]);
  });

  test('the template of init says what holds without it', () => {
    const uncommented = CONFIG_TEMPLATE.replaceAll(/^# (\w+ = .*)$/gm, '$1').replaceAll(
      /^(username|password|secret|ttl|urls).*$/gm,
      '',
    );
    const withPorts = parseConfig(uncommented.replaceAll(/^EDITOR.*$/gm, ''), 'agent.toml');
    const { net, log, ...rest } = withPorts.config;
    const { net: defaultNet, log: defaultLog, ...defaults } = parseConfig('', 'agent.toml').config;
    expect(withPorts.warnings).toEqual([]);
    expect({ http: net.http, level: log.level, ...rest }).toEqual({
      http: defaultNet.http,
      level: defaultLog.level,
      ...defaults,
    });
    expect(parseConfig(CONFIG_TEMPLATE, 'agent.toml').config).toEqual(parseConfig('', 'agent.toml').config);
  });

  test.each([
    ['[log]\nfoo = 1', 'agent.toml:2: log.foo is not a setting'],
    ['[nett]\nhttp_server = "x"', 'agent.toml:1: nett is not a setting'],
    [
      '[[ice_servers]]\nurls = "a"\n[[ice_servers]]\nurls = "b"\nurl = "c"',
      'agent.toml:5: ice_servers[1].url is not a setting',
    ],
  ])('an unknown key is reported with its place: %j', (toml, expected) => {
    const { warnings } = parseConfig(toml, 'agent.toml');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(expected);
  });

  test.each([
    ['a =', 'agent.toml:1:4'],
    ['\n[log]\nlevel = "loud"', 'agent.toml:3: log.level must be one of trace, debug'],
    [
      '[net]\nudp_port_min = "1"',
      'agent.toml:2: net.udp_port_min must be a port: a whole number from 1 to 65535',
    ],
    ['[net]\nice_port = "abc"', 'agent.toml:2: net.ice_port must be a port, a whole number from 1 to 65535'],
    ['[net]\nhttp_server = 7777', 'net.http_server must be an address in quotes, as "127.0.0.1:7777"'],
    ['[net]\npublic_address = [1]', 'net.public_address must be an IP address in quotes'],
    ['[limits]\npanes = 0', 'limits.panes must be a whole number from 1 to 10000'],
    ['[log]\nfile = ""', 'log.file must be the path of a file'],
    ['[peerbook]\ninsecure = "no"', 'peerbook.insecure must be true or false'],
    [
      '[[ice_servers]]\nusername = "a"',
      'agent.toml:1: ice_servers[0] must be a server: a line [[ice_servers]]',
    ],
    ['ice_servers = "a"', 'ice_servers must be a list of at most 32 servers'],
    [
      '[[ice_servers]]\nurls = "a"\nttl = 5',
      'ice_servers[0].ttl must be a time in seconds: a whole number from 60',
    ],
    ['net = 3', 'agent.toml:1: net must be a section: a line [net]'],
    ['[env]\nA = 1', 'agent.toml:2: env.A must be a text in quotes'],
    ['[env]\naccept = "LANG"', 'write it as accept = ["LANG"]'],
    ['[env]\naccept = ["L-C"]', 'agent.toml:2: env.accept'],
    ['[env]\nA = ["b"]', 'env.A must be a text'],
    [
      '[timeouts]\nack = 1',
      'agent.toml:2: timeouts.ack must be a time in milliseconds: a whole number from 100',
    ],
    ['[[ice_servers]]\nurls = "a"\n[[ice_servers]]\nurls = 3', 'agent.toml:4: ice_servers[1].urls'],
    ['[net]\nhttp_server = "7777"', 'net.http_server "7777" is not an address'],
    ['[net]\nhttp_server = "a:99999"', 'is not an address'],
    ['[net]\nudp_port_min = 1000', 'set both or neither'],
    ['[net]\nudp_port_min = 2\nudp_port_max = 1', 'is larger than'],
    ['[net]\nice_port = "on"', 'agent.toml:2: net.ice_port'],
    ['[net]\nice_port = 65536', 'agent.toml:2: net.ice_port'],
    ['[net]\nice_port = 7777\nudp_port_min = 1\nudp_port_max = 2', 'remove one or the other'],
    ['[net]\npublic_address = "box.example"', 'net.public_address "box.example" is no IP address'],
    ['[net]\nice_port = "off"\npublic_address = "203.0.113.7"', 'set net.ice_port'],
    ['[net]\ntrusted_proxies = "proxy.example"', 'net.trusted_proxies "proxy.example" is no address'],
    ['[net]\ntrusted_proxies = ["10.0.0.0/33"]', 'net.trusted_proxies "10.0.0.0/33" is no address'],
    ['[net]\ntls_cert = "cert.pem"', 'set both or neither'],
  ])('a wrong value is an error with its place: %j', (toml, expected) => {
    expect(messageOf(toml)).toContain(expected);
  });

  test('addresses', () => {
    expect(parseAddress(':80')).toEqual({ host: '::', port: 80 });
    expect(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', 'example.org'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('any text at all is a config or a config error', () => {
    const word = fc.constantFrom(
      '[net]',
      '[[ice_servers]]',
      'urls',
      '=',
      '"a"',
      '1',
      '\n',
      '[',
      ']',
      'http_server',
      '"127.0.0.1:1"',
      '{',
      '}',
      ',',
      '.',
      'env',
      '#',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(texts, (toml) => {
        try {
          parseConfig(toml, 'agent.toml');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AgentError);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
