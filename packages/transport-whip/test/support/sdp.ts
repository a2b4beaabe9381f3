const HEX = 'A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90';

/** The compact fingerprint of `offerSdp`. */
export const FINGERPRINT = HEX;

export const UFRAG = 'Kx7q';
export const PASSWORD = 'Zt3uPq8LmN0vRs5yBc2dEf7h';
export const HOST_CANDIDATE = 'candidate:11 1 udp 2122260223 192.0.2.10 51000 typ host';
export const SRFLX_CANDIDATE =
  'candidate:12 1 udp 1686052607 203.0.113.7 51000 typ srflx raddr 0.0.0.0 rport 9';
export const TCP_CANDIDATE = 'candidate:13 1 tcp 1518280447 192.0.2.10 9 typ host tcptype active';

interface Options {
  ufrag?: string;
  password?: string;
  candidates?: readonly string[];
  setup?: string;
  fingerprint?: string | null;
  media?: readonly string[];
}

const colons = (hex: string) => hex.match(/../g)?.join(':') ?? '';
const crlf = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('');

/** An offer of one data channel as browsers make it. */
export function offerSdp(options: Options = {}): string {
  return description({ setup: 'actpass', ufrag: UFRAG, password: PASSWORD, ...options });
}

/** An answer to it, with all candidates. */
export function answerSdp(options: Options = {}): string {
  const defaults = { setup: 'active', ufrag: 'SrvU', password: 'serverserverserverserver' };
  const candidates = ['candidate:1 1 udp 2122260223 198.51.100.1 7777 typ host'];
  return description({ ...defaults, candidates, ...options });
}

function description(options: Options): string {
  const {
    fingerprint = HEX,
    candidates = [],
    media = ['application 9 UDP/DTLS/SCTP webrtc-datachannel'],
  } = options;
  return crlf([
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=ice-options:trickle ice2',
    ...media.flatMap((line, index) => [
      `m=${line}`,
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${options.ufrag}`,
      `a=ice-pwd:${options.password}`,
      ...(fingerprint === null ? [] : [`a=fingerprint:sha-256 ${colons(fingerprint)}`]),
      `a=setup:${options.setup}`,
      `a=mid:${index}`,
      'a=sctp-port:5000',
      ...candidates.map((candidate) => `a=${candidate}`),
    ]),
  ]);
}

/** A fragment as clients send it; `lines` go into its m-section. */
export function fragment(lines: readonly string[], ufrag = UFRAG, password = PASSWORD): string {
  return crlf([
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    'a=mid:0',
    ...lines,
  ]);
}
