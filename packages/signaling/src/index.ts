export { throwIfAborted, unlessAborted } from './abortable.ts';
export * from './codec/index.ts';
export * from './constants.ts';
export * from './errors.ts';
export * from './sdp/index.ts';
export * from './signal.ts';
export { SignalQueue, type SignalQueueOptions } from './signal-queue.ts';
export * from './signaler.ts';
export * from './trickle.ts';
