/**
 * WebRTC signaling over HTTP, in the shape of WHIP (RFC 9725), for data channels: the client and the wire formats. Runs in a browser
 * too; the server is `@ouro/transport-whip/server`.
 *
 * @example
 * ```ts
 * import { dialWhip } from '@ouro/transport-whip';
 *
 * const signaler = await dialWhip({ url: 'http://127.0.0.1:7777' }, { signal });
 * await signaler.send({ type: 'offer', sdp }, { signal });
 * ```
 *
 * @packageDocumentation
 */
export * from './client/index.ts';
export * from './shared/index.ts';
