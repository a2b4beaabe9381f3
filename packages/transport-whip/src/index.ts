/**
 * WebRTC signaling over HTTP, in the shape of WHIP (RFC 9725), for data channels: the client and the wire formats. Runs in a browser
 * too; the server is `@ouro/transport-whip/server`.
 * @packageDocumentation
 */
export * from './client/index.ts';
export * from './shared/index.ts';
