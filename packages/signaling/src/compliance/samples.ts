import type { Answer, Candidate, EndOfCandidates, Offer } from '../signal.ts';

/** The fingerprint (compact form) that a transport with a gate of its own has to let in. */
export const AUTHORIZED_FINGERPRINT = 'A1'.repeat(32);

/** A fingerprint (compact form) that no transport may let in. */
export const STRANGER_FINGERPRINT = '5E'.repeat(32);

const PASSWORD = 'compliancePassword0123456789';

/** An offer of a data channel, different for each number; addresses are those of RFC 5737. */
export function sampleOffer(number = 0, fingerprint: string = AUTHORIZED_FINGERPRINT): Offer {
  return {
    type: 'offer',
    sdp: description({ number, ufrag: offererUfrag(number), fingerprint, setup: 'actpass' }),
  };
}

/** The answer to `sampleOffer(number)`; `whole` with its candidates and their end. */
export function sampleAnswer(number = 0, { whole }: { whole: boolean }): Answer {
  const ufrag = answererUfrag(number);
  const lines = whole ? [`a=${candidateText(1, ufrag)}`, 'a=end-of-candidates'] : [];
  const base = description({ number, ufrag, fingerprint: AUTHORIZED_FINGERPRINT, setup: 'active' });
  return { type: 'answer', sdp: base + lines.map((line) => `${line}\r\n`).join('') };
}

/** Candidates of one generation, each different. */
export function sampleCandidates(count: number, usernameFragment: string): Candidate[] {
  return Array.from({ length: count }, (_, at) => ({
    type: 'candidate',
    candidate: candidateText(at + 1, usernameFragment),
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment,
  }));
}

/** The end of this generation. */
export function sampleEnd(usernameFragment: string): EndOfCandidates {
  return { type: 'end-of-candidates', usernameFragment };
}

/** The ufrag in `sampleOffer(number)`. */
export function offererUfrag(number = 0): string {
  return `offr${String(number).padStart(4, '0')}`;
}

/** The ufrag in `sampleAnswer(number)`. */
export function answererUfrag(number = 0): string {
  return `answ${String(number).padStart(4, '0')}`;
}

function candidateText(number: number, ufrag: string): string {
  return `candidate:${number} 1 udp ${2_122_260_223 - number} 192.0.2.${number} ${50_000 + number} typ host generation 0 ufrag ${ufrag}`;
}

interface Description {
  readonly number: number;
  readonly ufrag: string;
  readonly fingerprint: string;
  readonly setup: string;
}

function description({ number, ufrag, fingerprint, setup }: Description): string {
  const lines = [
    'v=0',
    `o=- ${4_000_000 + number} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=ice-options:trickle ice2',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${PASSWORD}${String(number).padStart(4, '0')}`,
    `a=fingerprint:sha-256 ${fingerprint.replace(/..(?=.)/g, '$&:')}`,
    `a=setup:${setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
