export { jsonLineCodec } from './json-line-codec.ts';
export { signalFromJson, signalToJson } from './json-signal.ts';
export { JsonTextDecoder } from './json-text-decoder.ts';
export { JsonTextSplitter, type JsonTextSplitterOptions } from './json-text-splitter.ts';
export {
  type IceCandidateInit,
  IceCandidateInitSchema,
  type SessionDescriptionInit,
  SessionDescriptionInitSchema,
} from './schemas.ts';
