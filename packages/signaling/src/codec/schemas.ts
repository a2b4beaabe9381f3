import { type Static, Type } from 'typebox';
import { AnswerSchema, CandidateSchema, OfferSchema } from '../signal.ts';

/** W3C RTCSessionDescriptionInit, as far as it is a signal: no `pranswer`, no `rollback`. */
export const SessionDescriptionInitSchema = Type.Union([OfferSchema, AnswerSchema]);

const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = CandidateSchema.properties;

/** W3C RTCIceCandidateInit: an empty `candidate` is the end of candidates. */
export const IceCandidateInitSchema = Type.Object({
  candidate,
  sdpMid: Type.Optional(sdpMid),
  sdpMLineIndex: Type.Optional(sdpMLineIndex),
  usernameFragment: Type.Optional(usernameFragment),
});

export type SessionDescriptionInit = Static<typeof SessionDescriptionInitSchema>;
export type IceCandidateInit = Static<typeof IceCandidateInitSchema>;
