import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CANDIDATE_BYTES, parseCandidate, SignalingError } from '../src/index.ts';

const HOST = 'candidate:1 1 udp 2122260223 192.0.2.10 51000 typ host';

describe('RFC 8839 section 5.1', () => {
  test('a host candidate', () => {
    expect(parseCandidate(HOST)).toEqual({
      foundation: '1',
      component: 1,
      transport: 'udp',
      priority: 2_122_260_223,
      address: '192.0.2.10',
      port: 51_000,
      type: 'host',
      tcptype: undefined,
      raddr: undefined,
      rport: undefined,
      extensions: new Map(),
    });
  });

  test('a reflexive one with its related address and extensions', () => {
    const line =
      'a=candidate:12 1 UDP 1686052607 203.0.113.7 51000 typ SRFLX raddr 0.0.0.0 rport 9 generation 0 ufrag abcd';
    expect(parseCandidate(line)).toMatchObject({
      transport: 'udp',
      type: 'srflx',
      raddr: '0.0.0.0',
      rport: 9,
      extensions: new Map([
        ['generation', '0'],
        ['ufrag', 'abcd'],
      ]),
    });
  });

  test('an active TCP one (RFC 6544), also with tcptype behind other extensions', () => {
    const line = 'candidate:13 1 tcp 1518280447 192.0.2.10 9 typ host generation 0 tcptype active';
    expect(parseCandidate(line)).toMatchObject({ transport: 'tcp', port: 9, tcptype: 'active' });
  });

  test.each(['2001:db8::1', 'fe80::1', '1f4712db-ea17-4bcf-a596-105139dfd8bf.local'])(
    'the address %s',
    (address) => {
      expect(parseCandidate(HOST.replace('192.0.2.10', address)).address).toBe(address);
    },
  );

  test('types and transports that are not known here', () => {
    const parsed = parseCandidate('candidate:1 256 ssltcp 1 192.0.2.1 0 typ strange x y');
    expect(parsed).toMatchObject({ component: 256, transport: 'ssltcp', type: 'strange', port: 0 });
  });
});

test.each([
  ['', 'empty'],
  ['hello', 'no candidate'],
  ['candidate:', 'nothing behind the colon'],
  ['mid:0', 'another attribute'],
  [HOST.replace(' typ host', ''), 'no type'],
  [HOST.replace(' host', ''), 'an empty type'],
  [HOST.replace('typ', 'type'), 'another word for typ'],
  [HOST.replace(':1 ', ':1$ '), 'a foundation with $'],
  [HOST.replace(':1 ', `:${'1'.repeat(33)} `), 'a foundation of 33'],
  [HOST.replace(' 1 ', ' 0 '), 'component 0'],
  [HOST.replace(' 1 ', ' 257 '), 'component 257'],
  [HOST.replace('2122260223', '0'), 'priority 0'],
  [HOST.replace('2122260223', '2147483648'), 'priority 2^31'],
  [HOST.replace('2122260223', '1e3'), 'priority 1e3'],
  [HOST.replace('51000', '65536'), 'port 65536'],
  [HOST.replace('51000', '-1'), 'port -1'],
  [HOST.replace('192.0.2.10', 'a'.repeat(256)), 'an address of 256'],
  [`${HOST} generation`, 'a name without a value'],
  [`${HOST}  generation 0`, 'two spaces'],
  [`${HOST} generation \u0007`, 'a control character'],
  [`${HOST} raddr 1.2.3.4 rport x`, 'an rport that is no number'],
  [`${HOST} tcptype both`, 'an unknown tcptype'],
  [`${HOST}${' x y'.repeat(MAX_CANDIDATE_BYTES / 4)}`, 'too long'],
])('%j is a bad candidate: %s', (line) => {
  expect(() => parseCandidate(line)).toThrow(expect.objectContaining({ code: 'bad-candidate' }));
});

test('a line of just MAX_CANDIDATE_BYTES is read', () => {
  const line = `${HOST} x `.padEnd(MAX_CANDIDATE_BYTES, 'y');
  expect(parseCandidate(line).extensions.get('x')).toMatch(/^y+$/);
});

test('fuzz: any text and anything like a candidate gives parts in range or a SignalingError', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '1',
      '0',
      'udp',
      'tcp',
      'typ',
      'host',
      '2122260223',
      '192.0.2.1',
      'raddr',
      'rport',
      'tcptype',
      'so',
      '',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.nat().map(String),
  );
  const almost = fc.array(word, { maxLength: 16 }).map((words) => `candidate:${words.join(' ')}`);
  const mutated = fc
    .tuple(fc.nat({ max: HOST.length }), fc.string({ maxLength: 3 }))
    .map(([at, text]) => HOST.slice(0, at) + text + HOST.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost, mutated), (line) => {
      try {
        const { component, priority, port } = parseCandidate(line);
        expect(component >= 1 && component <= 256 && port >= 0 && port <= 65_535).toBe(true);
        expect(priority >= 1 && priority < 2 ** 31).toBe(true);
      } catch (thrown) {
        if (!(thrown instanceof SignalingError)) throw thrown;
      }
    }),
    { numRuns: 10_000 },
  );
});
