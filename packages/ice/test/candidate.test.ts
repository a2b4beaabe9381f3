import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidatePriority, formatCandidate, localCandidate, parseCandidate } from '../src/candidate.ts';
import { parseIceServers, usableIceServers } from '../src/ice-servers.ts';

test('lines of browsers are read', () => {
  expect(
    parseCandidate(
      'candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0 ufrag abcd network-id 1',
    ),
  ).toMatchObject({
    protocol: 'udp',
    address: '192.168.0.196',
    port: 46_243,
    type: 'host',
    priority: 2_122_260_223,
  });
  expect(
    parseCandidate('a=candidate:2 1 UDP 1685921535 2001:DB8:0:0::1 5000 typ srflx raddr 0.0.0.0 rport 9'),
  ).toMatchObject({ address: '2001:db8::1', type: 'srflx' });
  expect(
    parseCandidate('candidate:3 1 TCP 1518214911 10.0.0.1 9 typ host tcptype active generation 0'),
  ).toMatchObject({ protocol: 'tcp', tcpType: 'active' });
  expect(parseCandidate('A=Candidate:3 1 Tcp 1518214911 10.0.0.1 9 TYP Host TCPTYPE Passive')).toMatchObject({
    protocol: 'tcp',
    tcpType: 'passive',
    type: 'host',
  });
});

test.for([
  [
    'a name of mDNS',
    'candidate:1 1 udp 2113937151 3f4ea2d0-8a4e-4ed1-8d4b-7c4f3a7d5e61.local 54021 typ host',
  ],
  ['a component that is not ours', 'candidate:1 2 udp 2122260222 192.0.2.1 5001 typ host'],
  ['TCP of a kind that nobody dials', 'candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype so'],
  ['a transport that is unknown', 'candidate:1 1 sctp 1 192.0.2.1 9 typ host'],
  ['a type that is unknown', 'candidate:1 1 udp 1 192.0.2.1 9 typ quantum'],
])('%s is no fault, but of no use', ([, line]) => {
  expect(parseCandidate(line ?? '')).toHaveProperty('unusable');
});

test.for([
  'candidate:',
  'candidate:1 1 udp 0 192.0.2.1 5000 typ host',
  'candidate:1 1 udp 2147483648 192.0.2.1 5000 typ host',
  'candidate:1 1 udp 1 192.0.2.1 65536 typ host',
  'candidate:1 0 udp 1 192.0.2.1 5000 typ host',
  'candidate:1 1 udp 1 192.0.2.1 5000 host',
  'candidate:1 1 udp 1 192.0.2.1 typ host',
  `candidate:${'1'.repeat(33)} 1 udp 1 192.0.2.1 5000 typ host`,
  'not a candidate',
])('%s is refused', (line) => {
  expect(() => parseCandidate(line)).toThrow(expect.objectContaining({ name: 'OperationError' }));
});

test('no text makes the reader throw anything else', () => {
  const words = fc.constantFrom(
    'candidate:1',
    '1',
    'udp',
    'tcp',
    'typ',
    'host',
    '192.0.2.1',
    '::1',
    'tcptype',
    '-1',
    '%',
    '',
  );
  const lines = fc
    .array(fc.oneof(words, fc.string({ maxLength: 8 })), { maxLength: 14 })
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(lines, (line) => {
      try {
        parseCandidate(line);
      } catch (error) {
        expect(error).toMatchObject({ name: 'OperationError' });
      }
    }),
    { numRuns: 10_000 },
  );
});

test('our own lines are read back', () => {
  for (const [address, tcpType] of [
    ['192.0.2.1', undefined],
    ['2001:db8::1', 'passive'],
  ] as const) {
    const socket = { local: { address, port: 5000 }, ...(tcpType ? { tcpType } : {}), send() {}, close() {} };
    const candidate = localCandidate(socket, 3);
    expect(parseCandidate(formatCandidate(candidate, 'ufrag'))).toEqual(candidate);
  }
});

test('priorities are those of RFC 8445, and TCP comes after UDP', () => {
  expect(candidatePriority('host', 65_535)).toBe(2_130_706_431);
  const at = (tcpType?: 'active' | 'passive') =>
    localCandidate(
      { local: { address: '192.0.2.1', port: 1 }, ...(tcpType ? { tcpType } : {}), send() {}, close() {} },
      0,
    );
  expect(at().priority).toBeGreaterThan(at('active').priority);
  expect(at('active').priority).toBeGreaterThan(at('passive').priority);
  expect(at('active').priority).toBeLessThan(2 ** 31);
});

test('ICE servers are read, and what cannot be used is named', () => {
  expect(
    parseIceServers([
      { urls: ['stun:stun.example.org', 'stun:192.0.2.1:99'] },
      { urls: 'stun:[2001:db8::1]:7' },
    ]),
  ).toEqual({
    stun: [
      { url: 'stun:stun.example.org', host: 'stun.example.org', port: 3478 },
      { url: 'stun:192.0.2.1:99', host: '192.0.2.1', port: 99 },
      { url: 'stun:[2001:db8::1]:7', host: '2001:db8::1', port: 7 },
    ],
    turn: [],
  });
  expect(parseIceServers([])).toEqual({ stun: [], turn: [] });
  expect(() => parseIceServers([{ urls: 'stun:' }])).toThrow(
    expect.objectContaining({ name: 'SyntaxError' }),
  );
  const login = { username: 'u', credential: 'c' };
  const urls = ['turn:a', 'turn:a?transport=tcp', 'turns:a:443?transport=tcp'];
  expect(parseIceServers([{ urls, ...login }]).turn).toEqual([
    { url: urls[0], host: 'a', port: 3478, transport: 'udp', ...login },
    { url: urls[1], host: 'a', port: 3478, transport: 'tcp', ...login },
    { url: urls[2], host: 'a', port: 443, transport: 'tls', ...login },
  ]);
  expect(() => parseIceServers([{ urls }])).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
  expect(() => parseIceServers([{ urls: 'stuns:a' }])).toThrow(
    expect.objectContaining({ name: 'NotSupportedError' }),
  );
  expect(() => parseIceServers([{ urls: 'turn:me:hunter2@a' }])).toThrow(/"turn:…@a"/);
  const good = { urls: 'stun:a' };
  expect(usableIceServers([{ urls: 'stuns:a' }, good, { urls: 'turn:a' }])).toEqual([good]);
});
