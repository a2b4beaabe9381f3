export { assertSdp } from './assert-sdp.ts';
export { type CandidateLine, parseCandidate } from './candidate-line.ts';
export {
  candidatesOf,
  type DescribedCandidate,
  fingerprintLinesOf,
  hasEndOfCandidates,
  type IceCredentials,
  iceCredentialsOf,
  isCandidateLine,
  midOf,
  setupOf,
  stripCandidates,
} from './read.ts';
export {
  attributeValues,
  readSdp,
  type Sdp,
  type SdpAttribute,
  type SdpSection,
  sdpAttribute,
  sdpLines,
} from './sections.ts';
