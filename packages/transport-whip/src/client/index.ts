export * from './constants.ts';
export { dialWhip } from './dial-whip.ts';
export type { HttpExchange, HttpMessage } from './http-client.ts';
export type { WhipTarget } from './target.ts';
export { WhipError, type WhipErrorDetails } from './whip-error.ts';
export type { WhipSignaler } from './whip-signaler.ts';
