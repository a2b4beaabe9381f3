import type { ComplianceFixture } from '../../src/compliance/index.ts';
import { type MemoryOptions, MemoryRoad } from '../../src/memory/index.ts';

/** The memory road as the compliance suite wants it. */
export function memoryFixture(options: MemoryOptions): ComplianceFixture {
  const road = new MemoryRoad(options);
  const silent = new MemoryRoad(options);
  const garbage = new MemoryRoad(options);
  return {
    trickle: options.trickle ?? 'both',
    dial: (waiting) => road.dial(waiting),
    accept: (waiting) => road.accept(waiting),
    // Nobody takes what knocks here.
    dialSilent: (waiting) => silent.dial(waiting),
    dialGarbage: async (bytes, waiting) => {
      const [client] = await Promise.all([
        garbage.dial(waiting),
        garbage.acceptWire(waiting).then((wire) => wire.write(bytes)),
      ]);
      return client;
    },
    sendGarbage: async (bytes, waiting) => {
      const wire = await road.dialWire(waiting);
      wire.write(bytes);
    },
    vanish: async () => road.break(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([road, silent, garbage].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
