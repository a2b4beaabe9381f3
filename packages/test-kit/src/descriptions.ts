import fc from 'fast-check';

/** A session description for one data channel section, and what every reader of it must find. */
export interface DescribedPeer {
  readonly sdp: string;
  readonly usernameFragment: string;
  readonly password: string;
  readonly setup: 'actpass' | 'active' | 'passive';
  readonly mid: string;
  /** `sha-256 AB:CD:…`. */
  readonly fingerprint: string;
  /** Lines `candidate:…`. */
  readonly candidates: readonly string[];
  readonly endOfCandidates: boolean;
}

type Attribute = readonly [name: string, value?: string];

const HEAD = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const M_LINE = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel';
const ICE_ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'];
const FINGERPRINT_BYTES = 32;

const iceText = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...ICE_ALPHABET), minLength, maxLength });

const hexByte = fc
  .integer({ min: 0, max: 255 })
  .map((byte) => byte.toString(16).padStart(2, '0').toUpperCase());

const said = fc.record({
  usernameFragment: iceText(4, 32),
  password: iceText(22, 32),
  setup: fc.constantFrom('actpass' as const, 'active' as const, 'passive' as const),
  mid: fc.constantFrom('0', 'data', 'a:b'),
  fingerprint: fc
    .array(hexByte, { minLength: FINGERPRINT_BYTES, maxLength: FINGERPRINT_BYTES })
    .map((bytes) => `sha-256 ${bytes.join(':')}`),
  candidates: fc.array(
    fc
      .integer({ min: 1, max: 65_535 })
      .map((port) => `candidate:1 1 udp 2122260223 192.0.2.1 ${port} typ host`),
    { maxLength: 3 },
  ),
  endOfCandidates: fc.boolean(),
});

const STRANGE: readonly Attribute[] = [
  ['x-unknown', 'ice-ufrag:zzzz'],
  ['ice-ufrags', 'zzzz'],
  ['candidates', '1'],
  ['rtcp-mux'],
  [''],
];

/** What may differ from one sender to the next without a difference in what is said. */
const style = fc.record({
  /** Of the attributes for one or all sections: which stand at the session. */
  atSession: fc.uniqueArray(fc.constantFrom('ice', 'setup', 'fingerprint', 'end-of-candidates')),
  strange: fc.array(fc.constantFrom(...STRANGE), { maxLength: 4 }),
  order: fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
  shout: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  blanks: fc.array(fc.constantFrom('', ' ', '\t', '  '), { minLength: 1, maxLength: 7 }),
  ends: fc.array(fc.constantFrom('\r\n', '\n'), { minLength: 1, maxLength: 7 }),
});

type Style = typeof style extends fc.Arbitrary<infer Made> ? Made : never;

/**
 * Descriptions as any sender may write them: attributes in any order and case, at either level where both are legal,
 * blanks around values, lines that end CRLF or LF, attributes that nobody knows (RFC 8866, RFC 8839, RFC 8840).
 */
export function describedPeers(): fc.Arbitrary<DescribedPeer> {
  return fc.tuple(said, style).map(([peer, how]) => ({ ...peer, sdp: written(peer, how) }));
}

function written(peer: Omit<DescribedPeer, 'sdp'>, how: Style): string {
  const session: Attribute[] = [];
  const section: Attribute[] = [
    ['mid', peer.mid],
    ['sctp-port', '5000'],
    ...how.strange,
    ...peer.candidates.map((line): Attribute => ['candidate', line.slice('candidate:'.length)]),
  ];
  const place = (name: Style['atSession'][number]) => (how.atSession.includes(name) ? session : section);
  place('ice').push(['ice-ufrag', peer.usernameFragment], ['ice-pwd', peer.password]);
  place('setup').push(['setup', peer.setup]);
  place('fingerprint').push(['fingerprint', peer.fingerprint]);
  if (peer.endOfCandidates) place('end-of-candidates').push(['end-of-candidates']);
  const lines = [...HEAD, ...attributeLines(session, how), M_LINE, ...attributeLines(section, how)];
  return lines.map((line, at) => `${line}${cycled(how.ends, at)}`).join('');
}

function attributeLines(attributes: readonly Attribute[], how: Style): string[] {
  return inOrder(attributes, how.order).map(([name, value], at) => {
    const key = cycled(how.shout, at) ? name.toUpperCase() : name;
    const blank = cycled(how.blanks, at);
    return value === undefined ? `a=${key}` : `a=${key}:${blank}${value}${blank}`;
  });
}

/** Shuffled by `keys`, but candidates among each other as they were: their order is heard. */
function inOrder(attributes: readonly Attribute[], keys: readonly number[]): Attribute[] {
  const shuffled = attributes
    .map((attribute, at) => ({ attribute, key: cycled(keys, at) ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ attribute }) => attribute);
  const candidates = attributes.filter(([name]) => name === 'candidate');
  return shuffled.map((attribute) =>
    attribute[0] === 'candidate' ? (candidates.shift() ?? attribute) : attribute,
  );
}

function cycled<T>(values: readonly T[], at: number): T | undefined {
  return values[at % values.length];
}
