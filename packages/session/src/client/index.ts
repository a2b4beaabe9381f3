export type { OpenChannelOptions } from './channel-opener.ts';
export * from './pane.ts';
export type { Clipboard } from './serve-host.ts';
export * from './session.ts';
