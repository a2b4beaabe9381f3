export { MAX_ENV, MAX_ENV_BYTES } from '../constants.ts';
export type { OpenChannelOptions } from './channel-opener.ts';
export * from './pane.ts';
export type { Clipboard } from './serve-host.ts';
export * from './session.ts';
