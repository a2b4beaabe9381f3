/**
 * WebRTC signaling over an SSH exec channel: the client's end.
 *
 * @packageDocumentation
 */
export { acceptCommand, agentCommand } from './accept-command.ts';
export * from './constants.ts';
export { type DialChannelOptions, dialSshChannel, openSshChannel } from './dial.ts';
export { ClientPipe, type ClientPipeOptions, openClientPipe } from './pipe/client-pipe.ts';
