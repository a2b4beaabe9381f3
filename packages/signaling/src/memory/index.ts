export { type MemoryOptions, memoryPair } from './memory-pair.ts';
export { MemoryRoad } from './memory-road.ts';
export type { StartTimer } from './timers.ts';
export type { MemoryWire } from './wire.ts';
