export { assertSdp } from './assert-sdp.ts';
export { type CandidateLine, parseCandidate } from './candidate-line.ts';
export {
  candidatesOf,
  type DescribedCandidate,
  fingerprintLinesOf,
  hasEndOfCandidates,
  type IceCredentials,
  iceCredentialsOf,
  midOf,
  setupOf,
  stripCandidates,
} from './read.ts';
