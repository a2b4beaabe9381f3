/**
 * The part of the W3C WebRTC API that Ouro uses, as types. A browser's own objects fit them, and so do those of
 * `@ouro/peer`.
 *
 * @packageDocumentation
 */
export type * from './data-channel.ts';
export type * from './peer-connection.ts';
