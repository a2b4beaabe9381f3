/**
 * What two WebRTC peers say to each other before they are connected, and nothing of how it travels: signals, codecs, the
 * Signaler contract, the state machine of a negotiation. Runs in Node and in browsers.
 *
 * @example
 * ```ts
 * import { jsonLineCodec } from '@ouro/signaling';
 * import { memoryPair } from '@ouro/signaling/memory';
 *
 * const [client, host] = memoryPair();
 * await client.send({ type: 'offer', sdp: 'v=0\r\n' }, { signal });
 * for await (const received of host) console.log(jsonLineCodec.encode(received));
 * ```
 *
 * @packageDocumentation
 */
export { throwIfAborted, unlessAborted } from './abortable.ts';
export * from './codec/index.ts';
export * from './constants.ts';
export * from './errors.ts';
export { IncomingQueue, type IncomingQueueOptions } from './incoming-queue.ts';
export * from './sdp/index.ts';
export * from './signal.ts';
export { SignalQueue, type SignalQueueOptions } from './signal-queue.ts';
export * from './signaler.ts';
export { take } from './take.ts';
export type * from './transport.ts';
export * from './trickle.ts';
