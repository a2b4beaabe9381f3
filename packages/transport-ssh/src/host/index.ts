export {
  type ByteDuplex,
  duplexFromStreams,
  HostPipe,
  type HostPipeOptions,
  openHostPipe,
} from '../pipe/index.ts';
