/** What the tests of several packages use. */
export { type DescribedPeer, describedPeers } from './descriptions.ts';
export { frame, TcpFar, UdpFar } from './far-ends.ts';
export { ManualClock } from './manual-clock.ts';
export { memory } from './memory.ts';
export { seeded, seededBytes } from './random.ts';
export { until } from './until.ts';
