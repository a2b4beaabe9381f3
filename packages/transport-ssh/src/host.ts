/** The host's end: what `accept` runs on its stdio. */
export { HostPipe, type HostPipeOptions, openHostPipe } from './pipe/host-pipe.ts';
