/**
 * Requests and replies over one WebRTC data channel: typed commands, ack and nack, time-outs, and a writer of bytes
 * with real back-pressure. It takes any channel that is shaped like the W3C's `RTCDataChannel`, in Node and in browsers.
 *
 * @example
 * ```ts
 * import { ControlChannel } from '@ouro/control';
 *
 * await using client = new ControlChannel(channel);
 * const body = await client.request('mark', {}, { signal: AbortSignal.timeout(1000) });
 * ```
 *
 * @packageDocumentation
 */
export * from './channel-writer.ts';
export * from './commands.ts';
export * from './constants.ts';
export * from './control-channel.ts';
export * from './errors.ts';
