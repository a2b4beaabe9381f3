import { Check } from 'typebox/value';
import { MAX_CANDIDATE_BYTES, MAX_SDP_BYTES } from '../constants.ts';
import { SignalingError } from '../errors.ts';
import type { Signal } from '../signal.ts';
import {
  type IceCandidateInit,
  IceCandidateInitSchema,
  type SessionDescriptionInit,
  SessionDescriptionInitSchema,
} from './schemas.ts';

const CANDIDATE = /^(?:a=)?candidate:(?=\S)/i;

/**
 * A decoded JSON value as the signal it says: RTCSessionDescriptionInit, RTCIceCandidateInit (an empty
 * `candidate` is end-of-candidates), or `null`, which is end-of-candidates too. Unknown members are dropped.
 * @throws SignalingError `bad-message`, `bad-candidate`, `oversize`
 */
export function signalFromJson(value: unknown): Signal {
  if (value === null) return { type: 'end-of-candidates', usernameFragment: null };
  if (Check(SessionDescriptionInitSchema, value)) return descriptionOf(value);
  if (hasType(value)) {
    throw new SignalingError(
      'bad-message',
      'The other end sent a message of an unknown type; one of the two programs may be too old',
    );
  }
  if (Check(IceCandidateInitSchema, value)) return candidateOf(value);
  throw new SignalingError(
    'bad-message',
    'The other end sent a message that is no description and no candidate',
  );
}

/** A signal as the JSON value that `signalFromJson` reads. @throws SignalingError `oversize` */
export function signalToJson(signal: Signal): SessionDescriptionInit | IceCandidateInit {
  if (signal.type === 'offer' || signal.type === 'answer') return descriptionOf(signal);
  if (signal.type === 'candidate') {
    const { type: _, ...init } = signal;
    assertBytes(init.candidate, MAX_CANDIDATE_BYTES, 'A candidate');
    return init;
  }
  // An object, not `null`: it names its generation (RFC 8838 section 14), and readers of either form take it.
  return { candidate: '', sdpMid: null, sdpMLineIndex: null, usernameFragment: signal.usernameFragment };
}

function descriptionOf({ type, sdp }: SessionDescriptionInit): SessionDescriptionInit {
  assertBytes(sdp, MAX_SDP_BYTES, 'A session description');
  return { type, sdp };
}

function candidateOf(init: IceCandidateInit): Signal {
  assertBytes(init.candidate, MAX_CANDIDATE_BYTES, 'A candidate');
  const line = init.candidate.trim();
  const usernameFragment = init.usernameFragment ?? null;
  if (line === '') return { type: 'end-of-candidates', usernameFragment };
  if (!CANDIDATE.test(line)) {
    throw new SignalingError(
      'bad-candidate',
      'The other end sent a candidate that does not begin with "candidate:"',
    );
  }
  return {
    type: 'candidate',
    candidate: line.replace(CANDIDATE, 'candidate:'),
    sdpMid: init.sdpMid ?? null,
    sdpMLineIndex: init.sdpMLineIndex ?? null,
    usernameFragment,
  };
}

function hasType(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function assertBytes(text: string, most: number, what: string): void {
  // A UTF-16 unit is one to three bytes: most texts need no encoding to be judged.
  if (text.length * 3 <= most || (text.length <= most && new TextEncoder().encode(text).length <= most))
    return;
  throw new SignalingError('oversize', `${what} has more than ${most} bytes`);
}
