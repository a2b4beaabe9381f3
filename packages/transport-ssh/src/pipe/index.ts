export { type ByteDuplex, duplexFromStreams } from './byte-duplex.ts';
export { ClientPipe, type ClientPipeOptions, openClientPipe } from './client-pipe.ts';
export { HostPipe, type HostPipeOptions, openHostPipe } from './host-pipe.ts';
