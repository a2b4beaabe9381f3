export { type MemoryOptions, memoryPair } from './memory-pair.ts';
export { MemoryTransport } from './memory-transport.ts';
export type { StartTimer } from './timers.ts';
export type { MemoryWire } from './wire.ts';
