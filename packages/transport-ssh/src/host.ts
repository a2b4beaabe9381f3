/** The host's end: what `accept` runs on its stdio. */
export { AcceptListener } from './accept-listener.ts';
export { HostPipe, type HostPipeOptions, openHostPipe } from './pipe/host-pipe.ts';
