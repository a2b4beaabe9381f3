/** What the tests of several packages use. */
export { pass, useFakeTime } from './fake-time.ts';
export { frame, TcpFar, UdpFar } from './far-ends.ts';
export { ManualClock } from './manual-clock.ts';
export { memory } from './memory.ts';
export { seeded } from './random.ts';
export { until } from './until.ts';
