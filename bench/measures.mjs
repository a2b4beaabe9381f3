import { connect, echo, processStart, stalledMemory, throughput } from './measure.mjs';
import { median, quantile } from './stats.mjs';

/** What is measured: how a run of one side gives values, and what Ouro aims at. `fresh`: each run on a host side of its own. */
export const MEASURES = [
  { name: 'program start', unit: 'ms', of: async (side) => ({ '': await processStart(side) }) },
  {
    name: 'connect',
    unit: 'ms',
    of: async (side) => {
      const { firstByteMs, exitMs } = await connect(side);
      return { 'to first byte': firstByteMs, 'to exit': exitMs };
    },
    aims: { 'to first byte': { ratio: 0.5 } },
  },
  {
    name: 'echo',
    unit: 'ms',
    of: async (side) => {
      const samples = await echo(side);
      return { p50: median(samples), p99: quantile(samples, 0.99) };
    },
    aims: { p50: { ratio: 2 } },
  },
  {
    name: 'throughput',
    unit: 'MB/s',
    of: async (side) => ({ '': await throughput(side) }),
    aims: { '': { atLeast: 18 } },
  },
  {
    name: 'stalled memory',
    unit: 'MiB',
    fresh: true,
    of: async (side) => ({ '': await stalledMemory(side) }),
    aims: { '': { atMost: 64 } },
  },
];
