import { MAX_CANDIDATE_BYTES } from '../constants.ts';
import { SignalingError } from '../errors.ts';

/** The parts of one candidate line (RFC 8839 section 5.1, RFC 6544 section 4.5). */
export interface CandidateLine {
  readonly foundation: string;
  /** 1 to 256; 1 for a data channel. */
  readonly component: number;
  /** Lower case: `udp`, `tcp`, or one that is not known here. */
  readonly transport: string;
  /** 1 to 2^31 - 1. */
  readonly priority: number;
  /** An IP address, or a name such as `….local`; not checked further. */
  readonly address: string;
  /** 0 to 65535; 9 for an active TCP candidate. */
  readonly port: number;
  /** Lower case: `host`, `srflx`, `prflx`, `relay`, or one that is not known here. */
  readonly type: string;
  /** Only with `tcp`. */
  readonly tcptype: 'active' | 'passive' | 'so' | undefined;
  readonly raddr: string | undefined;
  readonly rport: number | undefined;
  /** What else was said, such as `generation` or `ufrag`; the last of equal names. */
  readonly extensions: ReadonlyMap<string, string>;
}

const PREFIX = /^(?:a=)?candidate:/i;
const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;
const VISIBLE = /^[!-~]+$/;
const TCP_TYPES = ['active', 'passive', 'so'] as const;
const MAX_PRIORITY = 2 ** 31 - 1;
const MAX_PORT = 65_535;
const MAX_COMPONENT = 256;
const MAX_ADDRESS = 255;
/** Words before the name and value pairs: foundation component transport priority address port "typ" type. */
const FIXED_WORDS = 8;

/**
 * Reads a candidate line, with or without `a=` before it. Names of attributes match in any case.
 * @throws SignalingError `bad-candidate`, also for one longer than `MAX_CANDIDATE_BYTES`
 */
export function parseCandidate(line: string): CandidateLine {
  const text = line.length <= MAX_CANDIDATE_BYTES ? line.trim() : '';
  if (!PREFIX.test(text)) throw bad('does not begin with "candidate:"');
  const words = text.replace(PREFIX, '').split(' ');
  const [foundation = '', component = '', transport = '', priority = '', address = '', port = '', typ = ''] =
    words;
  if (!words.every((word) => VISIBLE.test(word))) throw bad('has empty or unprintable words');
  if (!FOUNDATION.test(foundation)) throw bad('has no legal foundation');
  if (address.length > MAX_ADDRESS) throw bad('has too long an address');
  if (typ.toLowerCase() !== 'typ' || words.length < FIXED_WORDS) throw bad('has no type');
  return {
    foundation,
    component: integer(component, 1, MAX_COMPONENT, 'component'),
    transport: transport.toLowerCase(),
    priority: integer(priority, 1, MAX_PRIORITY, 'priority'),
    address,
    port: integer(port, 0, MAX_PORT, 'port'),
    type: (words[FIXED_WORDS - 1] ?? '').toLowerCase(),
    ...pairsOf(words.slice(FIXED_WORDS)),
  };
}

type Pairs = Pick<CandidateLine, 'tcptype' | 'raddr' | 'rport' | 'extensions'>;

function pairsOf(words: readonly string[]): Pairs {
  if (words.length % 2 !== 0) throw bad('has a name without a value');
  const extensions = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    extensions.set((words[at] ?? '').toLowerCase(), words[at + 1] ?? '');
  }
  const take = (name: string) => {
    const value = extensions.get(name);
    extensions.delete(name);
    return value;
  };
  const rport = take('rport');
  return {
    tcptype: tcptypeOf(take('tcptype')),
    raddr: take('raddr'),
    rport: rport === undefined ? undefined : integer(rport, 0, MAX_PORT, 'rport'),
    extensions,
  };
}

function tcptypeOf(value: string | undefined): CandidateLine['tcptype'] {
  if (value === undefined) return undefined;
  const known = TCP_TYPES.find((type) => type === value.toLowerCase());
  if (!known) throw bad('has an unknown tcptype');
  return known;
}

function integer(digits: string, least: number, most: number, name: string): number {
  const value = /^\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw bad(`has no legal ${name}`);
}

function bad(why: string): SignalingError {
  return new SignalingError(
    'bad-candidate',
    `The other end sent a candidate that ${why} (RFC 8839 section 5.1)`,
  );
}
