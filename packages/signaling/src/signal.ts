import { type Static, Type } from 'typebox';

/** An SDP offer (RFC 8829): `sdp` is the whole session description, lines ended CRLF. */
export const OfferSchema = Type.Object({ type: Type.Literal('offer'), sdp: Type.String() });

/** An SDP answer (RFC 8829). */
export const AnswerSchema = Type.Object({ type: Type.Literal('answer'), sdp: Type.String() });

const NullableString = Type.Union([Type.String(), Type.Null()]);

/**
 * One ICE candidate (RFC 8839 section 5.1), in the shape of W3C RTCIceCandidateInit.
 * `candidate` starts with `candidate:` and is never empty: the empty one is `end-of-candidates`.
 */
export const CandidateSchema = Type.Object({
  type: Type.Literal('candidate'),
  candidate: Type.String(),
  sdpMid: NullableString,
  sdpMLineIndex: Type.Union([Type.Integer({ minimum: 0, maximum: 65535 }), Type.Null()]),
  usernameFragment: NullableString,
});

/** No more candidates come in the generation of `usernameFragment` (RFC 8838 section 14); null = the newest. */
export const EndOfCandidatesSchema = Type.Object({
  type: Type.Literal('end-of-candidates'),
  usernameFragment: NullableString,
});

/** Every thing one peer says to the other before they are connected. */
export const SignalSchema = Type.Union([OfferSchema, AnswerSchema, CandidateSchema, EndOfCandidatesSchema]);

export type Offer = Static<typeof OfferSchema>;
export type Answer = Static<typeof AnswerSchema>;
export type Candidate = Static<typeof CandidateSchema>;
export type EndOfCandidates = Static<typeof EndOfCandidatesSchema>;
export type Signal = Offer | Answer | Candidate | EndOfCandidates;

/** One wire format: bytes of any provenance to signals and back. Both throw nothing but `SignalingError`. */
export interface SignalCodec {
  /** One message of the wire format, whole, to the signals it carries. @throws SignalingError `bad-message`, `oversize` */
  decode(bytes: Uint8Array): Signal[];
  /** One signal as one message of the wire format. @throws SignalingError `oversize` */
  encode(signal: Signal): Uint8Array;
}
